"""Bounds of the Huber loss and the smooth L1 loss.

With a = |y - t| and c = min(a, delta), each of which rounds once, a - c / 2 is at least a third of
a + c / 2, so it is off by 3 u relative to itself, and rounds; the product c (a - c / 2) adds the
error of c and its own rounding: gamma(6). Dividing c by beta, which is rounded: gamma(8). Both
branches meet with the same value and slope, so taking one for the other costs nothing of first
order. All elements are positive: reducing K of them adds gamma(K). A square may underflow before it
is divided by beta.

VJP, g times y - t cut at delta: the difference or delta, g, possibly 1 / n by itself, and the
product: gamma(4); divided by beta gamma(6).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, per_reduction


def _loss(a: Arithmetic, y: Array, roundings: int, scale: float, n: int, reduction: str) -> Any:
    added = per_reduction(reduction, np.zeros(1), n)[1]
    return a.gamma(roundings + added) * np.abs(y) + (n if added else 1) * 3 * scale * a.eta


def _huber(a: Arithmetic, y: Array, p: Array, t: Array, *, delta: float, reduction: str) -> Any:
    return _loss(a, y, 6, 1 + delta, p.size, reduction)


def _huber_vjp(a: Arithmetic, cotangents: Any, dy: Array, *_: Array, **__: Any) -> Any:
    return [a.gamma(4) * np.abs(c) + 2 * a.eta for c in cotangents]


def _smooth_l1(a: Arithmetic, y: Array, p: Array, t: Array, *, beta: float, reduction: str) -> Any:
    return _loss(a, y, 8, 1 + beta + _inverse(beta), p.size, reduction)


def _smooth_l1_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, *_: Array, beta: float, **__: Any
) -> Any:
    return [a.gamma(6) * np.abs(c) + 2 * (1 + _inverse(beta)) * a.eta for c in cotangents]


def _inverse(beta: float) -> float:
    return 1 / beta if beta else 0.0


bound("huber", _huber, _huber_vjp)
bound("smooth_l1", _smooth_l1, _smooth_l1_vjp)
