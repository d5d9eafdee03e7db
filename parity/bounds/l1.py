"""Bound of the absolute error.

The difference rounds, its size does not; all elements are positive, so reducing K of them adds
gamma(K). VJP, g sign(y - t): the sign of a rounded difference is that of the difference, so only
g is rounded, and that by the mean alone. Which zero stands for a slope of 0 is left open.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, per_reduction


def _l1(a: Arithmetic, y: Array, p: Array, t: Array, *, reduction: str) -> Any:
    added = per_reduction(reduction, np.zeros(1), p.size)[1]
    return a.gamma(1 + added) * np.abs(y) + (a.eta if reduction == "mean" else 0)


def _l1_vjp(a: Arithmetic, cotangents: Any, dy: Array, *_: Array, reduction: str) -> Any:
    rounds = reduction == "mean"
    return [np.where(c == 0, a.eta, (a.u * np.abs(c) + a.eta) if rounds else 0) for c in cotangents]


bound("l1", _l1, _l1_vjp)
