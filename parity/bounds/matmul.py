"""Bound of the matrix product.

An inner product of length K is off by at most gamma(K) times that of the absolute values (Higham
2002, eq. 3.5), in any order and with or without fused multiply-add. Each product may underflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed


def _matmul(a: Arithmetic, y: Array, left: Array, right: Array) -> Any:
    k = left.shape[-1]
    return a.gamma(k) * (np.abs(left) @ np.abs(right)) + k * a.eta


def _matmul_vjp(a: Arithmetic, cotangents: Any, dy: Array, left: Array, right: Array) -> Any:
    rows = np.abs(left if left.ndim > 1 else left[np.newaxis])
    columns = np.abs(right if right.ndim > 1 else right[:, np.newaxis])
    size = np.abs(dy)
    if right.ndim == 1:
        size = size[..., np.newaxis]
    if left.ndim == 1:
        size = size[..., np.newaxis, :]
    limits = []
    for product, operand, given, k in (
        (size @ columns.swapaxes(-1, -2), rows, left, columns.shape[-1]),
        (rows.swapaxes(-1, -2) @ size, columns, right, rows.shape[-2]),
    ):
        total, stretched = summed(product, operand.shape)
        n = k * stretched
        limits.append((a.gamma(n) * total + n * a.eta).reshape(given.shape))
    return limits


bound("matmul", _matmul, _matmul_vjp)
