"""Bound of the hyperbolic tangent.

Forward: the accuracy s of the function. VJP, (1 - y^2) dy with y off by e: y^2 is off by 2 e + u
relative to itself, the subtraction and the product round: |dy| (y^2 (2 e + u) + 2 u (1 - y^2)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound


def _tanh(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(ELEMENTARY) * np.abs(y) + a.elementary_eta


def _tanh_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    square = np.tanh(x) ** 2
    e = a.gamma(ELEMENTARY) + a.saved
    return [np.abs(dy) * (square * (2 * e + a.u) + a.gamma(2) * (1 - square)) + a.eta]


bound("tanh", _tanh, _tanh_vjp)
