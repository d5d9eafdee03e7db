"""Bound of the hinge loss.

The gap margin - t y rounds the margin, the product and the difference: it is off by
E = gamma(2) (|margin| + |t y|). Cutting it at 0 does not widen that, and the loss is exactly 0
where the gap is below -E. Squaring the gap h: 2 h E + E^2, and one rounding. Reductions round n
times.

VJP, -g t and -g y where the gap is above 0: g and the product round. The difference's sign is that
of its rounded operands, so a side can be taken for the other only by the roundings of the margin
(none if the dtype holds it) and of the product (none if t is 1 or -1): u |margin| + u |t y|; there
the whole of it is allowed. Squared, -2 g h t has no step: 2 |g t| (E + gamma(3) h).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, per_reduction, spread


def _gap(a: Arithmetic, y: Array, t: Array, margin: float) -> tuple[Array, Array]:
    """Return margin - t y, and its error where that can be above 0."""
    gap = margin - t * y
    error = a.gamma(2) * (abs(margin) + np.abs(t * y)) + a.eta
    return gap, np.where((gap < -error) | np.isneginf(gap), 0, error)


def _hinge(
    a: Arithmetic,
    y: Array,
    scores: Array,
    t: Array,
    *,
    margin: float,
    squared: bool,
    reduction: str,
) -> Any:
    gap, error = _gap(a, scores, t, margin)
    size = np.maximum(gap, 0)
    if squared:
        error = 2 * size * error + error * error + a.u * size * size + a.eta
        size = size * size
    if reduction == "none":
        return error
    total, added = per_reduction(reduction, size, scores.size)
    errors, _ = per_reduction(reduction, error, scores.size)
    return errors + a.gamma(added) * (total + errors)


def _hinge_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    scores: Array,
    t: Array,
    *,
    margin: float,
    squared: bool,
    reduction: str,
) -> Any:
    gap, error = _gap(a, scores, t, margin)
    g, added = spread(reduction, dy, scores.size)
    limits = []
    for factor in (t, np.where(error > 0, scores, 0)):
        size = np.abs(g * factor)
        if squared:
            kept = error + a.gamma(3 + added) * np.maximum(gap, 0)
            limits.append(2 * size * kept + a.eta * (1 + np.abs(factor)))
            continue
        step = a.u * abs(margin) * (not _holds(a, margin))
        step = step + a.u * np.abs(t * scores) * (np.abs(t) != 1)
        undecided = (step > 0) & (np.abs(gap) <= step)
        active = (gap > 0) | undecided
        limits.append(
            np.where(active, a.gamma(1 + added) * size, 0) + np.where(undecided, size, 0) + a.eta
        )
    return limits


def _holds(a: Arithmetic, value: float) -> bool:
    """Whether a number has no more digits than the arithmetic."""
    digits = math.frexp(value)[0] / a.u
    return digits == int(digits)


bound("hinge", _hinge, _hinge_vjp)
