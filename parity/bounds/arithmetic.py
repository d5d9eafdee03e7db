"""Bounds of add, subtract, multiply and square.

One rounding of the result, and none where there is nothing to round: additions are exact below the
normal numbers, copies always. A VJP sums over the K positions to which an operand was stretched:
gamma(K - 1) times the sum of absolute values (Higham 2002, eq. 4.4, for any order of summation).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed


def _sum(a: Arithmetic, y: Array, *inputs: Array) -> Any:
    return a.u * np.abs(y)


def _sum_vjp(a: Arithmetic, cotangents: Any, dy: Array, *inputs: Array) -> Any:
    limits = []
    for operand in inputs:
        total, k = summed(np.abs(dy), operand.shape)
        limits.append(a.gamma(max(k - 1, 0)) * total)
    return limits


def _product(a: Arithmetic, y: Array, *inputs: Array) -> Any:
    return a.u * np.abs(y) + a.eta


def _product_vjp(a: Arithmetic, cotangents: Any, dy: Array, left: Array, right: Array) -> Any:
    limits = []
    for operand, other in ((left, right), (right, left)):
        total, k = summed(np.abs(dy * other), operand.shape)
        limits.append(a.gamma(k) * total + k * a.eta)
    return limits


def _square_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    # 2 x is exact, so there is one rounding.
    return [a.u * np.abs(cotangents[0]) + a.eta]


bound("add", _sum, _sum_vjp)
bound("subtract", _sum, _sum_vjp)
bound("multiply", _product, _product_vjp)
bound("square", _product, _square_vjp)
