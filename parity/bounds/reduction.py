"""Bounds of sum and mean.

Summation in any order: gamma(K - 1) times the sum of absolute values (Higham 2002, eq. 4.4); the
mean's division is one rounding more. The sum's VJP copies, the mean's divides once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _total(x: Array, y: Array, axis: Any, keepdims: bool) -> tuple[Array, int]:
    total = np.abs(x).sum(axis=axis, keepdims=keepdims)
    return total, x.size // max(y.size, 1)


def _sum(a: Arithmetic, y: Array, x: Array, *, axis: Any, keepdims: bool) -> Any:
    total, k = _total(x, y, axis, keepdims)
    return a.gamma(max(k - 1, 0)) * total


def _sum_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [0.0]


def _mean(a: Arithmetic, y: Array, x: Array, *, axis: Any, keepdims: bool) -> Any:
    total, k = _total(x, y, axis, keepdims)
    return a.gamma(k) * total / max(k, 1) + a.eta


def _mean_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [a.u * np.abs(cotangents[0]) + a.eta]


bound("sum", _sum, _sum_vjp)
bound("mean", _mean, _mean_vjp)
