"""Bound of the sigmoid.

Forward. y = m / (1 + z) with z = exp(-|x|), m = 1 or z. z has s roundings' worth of error (s the
accuracy of exp), which reach y twice: through m at most once, and through 1 + z by the factor
z / (1 + z) <= 1/2. The addition and the division round: gamma(1.5 s + 2) y. 1 / (1 + exp(-x)), as
others write it, has the same.

VJP. y (1 - y) dy with y off by e: 1 - y is off by y e + u (1 - y), and the two products add
e + 2 u. Together |dy| y (e + 3 u (1 - y)); e counts y's rounding where it was saved in float16.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound

ROUNDINGS = 1.5 * ELEMENTARY + 2


def _sigmoid(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(ROUNDINGS) * y + a.elementary_eta + a.eta


def _sigmoid_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    y = 1 / (1 + np.exp(-x))
    e = a.gamma(ROUNDINGS) + a.saved
    size = np.abs(dy)
    return [size * y * (e + a.gamma(3) * (1 - y)) + (size + 1) * (a.elementary_eta + 2 * a.eta)]


bound("sigmoid", _sigmoid, _sigmoid_vjp)
