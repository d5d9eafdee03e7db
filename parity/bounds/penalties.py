"""Bounds of the penalties.

strength sum|w|: K positive terms, the strength and the product, gamma(K + 1); with squares
gamma(K + 2), and half of it is exact. VJP, dy strength sign(w): two roundings; 2 dy strength w:
three, and eta |w| where the first product underflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _l1(a: Arithmetic, y: Array, w: Array, *, strength: float) -> Any:
    return a.gamma(w.size + 1) * np.abs(y) + a.eta


def _l1_vjp(a: Arithmetic, cotangents: Any, dy: Array, w: Array, **options: Any) -> Any:
    return [a.gamma(2) * np.abs(cotangents[0]) + a.eta]


def _l2(a: Arithmetic, y: Array, w: Array, *, strength: float, half: bool) -> Any:
    return a.gamma(w.size + 2) * np.abs(y) + (1 + strength * w.size) * a.eta


def _l2_vjp(a: Arithmetic, cotangents: Any, dy: Array, w: Array, **options: Any) -> Any:
    return [a.gamma(3) * np.abs(cotangents[0]) + (1 + 2 * np.abs(w)) * a.eta]


bound("l1_penalty", _l1, _l1_vjp)
bound("l2_penalty", _l2, _l2_vjp)
