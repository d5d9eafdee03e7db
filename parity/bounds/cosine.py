"""Bound of the cosine distance.

Let K be the length of the vectors. Scaling by a power of two is exact. A sum of K squares is off by
gamma(K), half of which reaches its root, which rounds; eps, if it is the divisor, rounds; the
division rounds: the directions p and q are off by r = gamma(K / 2 + 2). Their scalar product c is
off by gamma(2 K + 4) C with C = sum|p q|, and 1 - c rounds. Reducing n vectors rounds n times.

VJP, -g (q - c p) / |a|: the difference is off by gamma(K / 2 + 3) |q|, gamma(K / 2 + 4) |c p| and
gamma(2 K + 4) C |p|; g, two products and the norm with K / 2 + 1 add to that: with each term's
roundings together, gamma(K + 8) (|q| + |c p|) + gamma(3 K + 8) C |p|, over |a|. Where the divisor
is eps only the first term is there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, per_reduction, spread


def _unit(x: Array, axis: int, eps: float) -> tuple[Array, Array, Array]:
    """Return the direction, the divisor, and where that is eps."""
    norm = np.sqrt((x * x).sum(axis=axis, keepdims=True))
    divisor = np.maximum(norm, eps)
    return x / divisor, divisor, norm <= eps


def _cosine(
    a: Arithmetic, y: Array, left: Array, right: Array, *, axis: int, eps: float, reduction: str
) -> Any:
    k = left.shape[axis]
    terms = _unit(left, axis, eps)[0] * _unit(right, axis, eps)[0]
    value = 1 - terms.sum(axis=axis)
    error = a.gamma(2 * k + 4) * np.abs(terms).sum(axis=axis) + a.u * np.abs(value) + k * a.eta
    added = per_reduction(reduction, np.zeros(1), value.size)[1]
    total = error + a.gamma(added) * (np.abs(value) + error)
    return per_reduction(reduction, total, value.size)[0]


def _cosine_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    left: Array,
    right: Array,
    *,
    axis: int,
    eps: float,
    reduction: str,
) -> Any:
    k = left.shape[axis]
    sides = _unit(left, axis, eps), _unit(right, axis, eps)
    terms = sides[0][0] * sides[1][0]
    c = np.abs(terms.sum(axis=axis, keepdims=True))
    absolute = np.abs(terms).sum(axis=axis, keepdims=True)
    g = spread(reduction, np.expand_dims(dy, axis) if reduction == "none" else dy, c.size)[0]
    limits = []
    for (p, divisor, constant), (q, _, _) in (sides, sides[::-1]):
        own = np.where(constant, 0, np.abs(p))
        size = a.gamma(k + 8) * (np.abs(q) + c * own) + a.gamma(3 * k + 8) * absolute * own
        limits.append(g * size / divisor + a.eta * (1 + (1 + g) * (1 + k) / divisor))
    return limits


bound("cosine", _cosine, _cosine_vjp)
