"""Bound of the squared error.

An element (y - t)^2 rounds in the difference, which squaring doubles, and in the product: gamma(3).
All terms are positive, so summing K of them and dividing once gives gamma(K + 3) relative to the
result. VJP, 2 c (y - t): the factor c, possibly 2 / n by itself, the difference and two products:
gamma(4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, count


def _loss(a: Arithmetic, y: Array, p: Array, t: Array, *, reduction: str) -> Any:
    summed = {"none": 1, "sum_rows": count(p.shape[1:])}.get(reduction, p.size)
    return a.gamma(summed + 3) * np.abs(y) + summed * a.eta


def _loss_vjp(a: Arithmetic, cotangents: Any, dy: Array, p: Array, t: Array, **options: Any) -> Any:
    return [a.gamma(4) * np.abs(c) + 2 * a.eta for c in cotangents]


bound("mean_squared_error", _loss, _loss_vjp)
