"""Bounds of dense and bias_add.

Inner products of length K and one addition: gamma(K + 1) (|x| |w| + |b|) (Higham 2002, eq. 3.5).
The cotangents are inner products over the K' columns of w and over the N samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, count


def _dense(a: Arithmetic, y: Array, x: Array, w: Array, b: Array | None) -> Any:
    k = w.shape[0]
    size = np.abs(x) @ np.abs(w)
    if b is None:
        return a.gamma(k) * size + k * a.eta
    return a.gamma(k + 1) * (size + np.abs(b)) + k * a.eta


def _dense_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
) -> Any:
    n, columns = count(x.shape[:-1]), w.shape[1]
    rows, drows = np.abs(x).reshape(n, w.shape[0]), np.abs(dy).reshape(n, columns)
    dx = a.gamma(columns) * (np.abs(dy) @ np.abs(w.T)) + columns * a.eta
    dw = a.gamma(n) * (rows.T @ drows) + n * a.eta
    return dx, dw, a.gamma(max(n - 1, 0)) * drows.sum(axis=0)


def _bias_add(a: Arithmetic, y: Array, x: Array, b: Array) -> Any:
    return a.u * np.abs(y)


def _bias_add_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, b: Array) -> Any:
    n = count(x.shape[:-1])
    return 0.0, a.gamma(max(n - 1, 0)) * np.abs(dy).reshape(n, *b.shape).sum(axis=0)


bound("dense", _dense, _dense_vjp)
bound("bias_add", _bias_add, _bias_add_vjp)
