"""Bounds of softmax and log-softmax (after Blanchard, Higham & Higham 2021, sections 3 and 4).

Write z = x - max(x), p the softmax, S the sum of exp(z) over K terms.

Forward. z rounds once, so exp(z) is off by a = |z| u + s u relative to itself, s the accuracy of
exp; S is off by sum(p a) + gamma(K - 1). Softmax divides: p is off by a + sum(p a) + gamma(K).
Log-softmax z - log S: u |z|, the error of S, s u log S, and one rounding of the result. Adding the
maximum to the logarithm first would add u |max(x)|; that is outside this bound.

VJP of softmax, p (dy - t) with t = sum(p dy): t is off by sum(p |dy| (e + gamma(K))), e the error
of p; the subtraction and the product round: p (that + |dy - t| (e + 2 u)).
VJP of log-softmax, dy - exp(y) T with T = sum(dy): exp(y) is off by y's absolute error E and s u,
T by gamma(K - 1) sum|dy|: p |T| (E + (s + 1) u) + p gamma(K - 1) sum|dy| + u |dx|.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound


def exponentials(a: Arithmetic, x: Array, axis: int) -> tuple[Array, Array, Array, Array]:
    """Return z, the softmax p, log S, and the relative error of S."""
    z = x - x.max(axis=axis, keepdims=True, initial=-np.inf)
    terms = np.exp(z)
    total = terms.sum(axis=axis, keepdims=True)
    p = terms / total
    # exp(z) is 0 long before |z| u is large: 0 inf is 0 here.
    weighted = np.where(p > 0, p * (np.abs(z) + ELEMENTARY), 0)
    error = a.gamma(weighted.sum(axis=axis, keepdims=True) + x.shape[axis] - 1)
    return z, p, np.log(total), error


def _softmax_error(a: Arithmetic, x: Array, axis: int) -> tuple[Array, Array]:
    """Return p and its relative error."""
    z, p, _, error = exponentials(a, x, axis)
    return p, np.where(p > 0, a.gamma(np.abs(z) + ELEMENTARY + 1), 0) + error


def log_softmax_error(a: Arithmetic, x: Array, axis: int) -> tuple[Array, Array, Array]:
    """Return p, the log-softmax y, and y's absolute error."""
    z, p, log_total, error = exponentials(a, x, axis)
    y = z - log_total
    return p, y, a.gamma(1) * (np.abs(z) + np.abs(y)) + error + a.gamma(ELEMENTARY) * log_total


def _softmax(a: Arithmetic, y: Array, x: Array, *, axis: int) -> Any:
    p, error = _softmax_error(a, x, axis)
    return p * error + a.elementary_eta + a.eta


def _softmax_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, axis: int) -> Any:
    p, error = _softmax_error(a, x, axis)
    error = error + a.saved
    t = (p * dy).sum(axis=axis, keepdims=True)
    k = a.gamma(x.shape[axis])
    t_error = (p * np.abs(dy) * (error + k)).sum(axis=axis, keepdims=True)
    gap = np.abs(dy - t)
    return [
        p * (t_error + gap * (error + a.gamma(2)))
        + (a.elementary_eta + 2 * a.eta) * (1 + gap + np.abs(dy).sum(axis=axis, keepdims=True))
    ]


def _log_softmax(a: Arithmetic, y: Array, x: Array, *, axis: int) -> Any:
    _, value, error = log_softmax_error(a, x, axis)
    # Masked classes are -inf without error.
    return np.where(np.isneginf(value), 0, error)


def _log_softmax_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, axis: int) -> Any:
    p, value, error = log_softmax_error(a, x, axis)
    value_error = np.where(p > 0, error + a.saved * np.abs(value), 0)
    total = np.abs(dy.sum(axis=axis, keepdims=True))
    size = np.abs(dy).sum(axis=axis, keepdims=True)
    return [
        p * total * (value_error + a.gamma(ELEMENTARY + 1))
        + p * size * a.gamma(x.shape[axis] - 1)
        + a.u * np.abs(cotangents[0])
        + (a.elementary_eta + a.eta) * (1 + size)
    ]


bound("softmax", _softmax, _softmax_vjp)
bound("log_softmax", _log_softmax, _log_softmax_vjp)
