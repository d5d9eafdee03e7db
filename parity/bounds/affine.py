"""Bound of the affine activation.

slope x + intercept: the slope, the product and the sum are rounded, the intercept and the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _affine(a: Arithmetic, y: Array, x: Array, *, slope: float, intercept: float) -> Any:
    return a.gamma(3) * np.abs(slope * x) + a.gamma(2) * abs(intercept) + a.eta


def _affine_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [a.gamma(2) * np.abs(cotangents[0]) + a.eta]


bound("affine", _affine, _affine_vjp)
