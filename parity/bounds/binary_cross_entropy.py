"""Bounds of the binary cross-entropy, from probabilities and from logits.

From probabilities: 1 - t rounds, the logarithms have their accuracy s (log1p(-p) of the exact -p),
product and sum round: gamma(s + 3) (t |log p| + (1 - t) |log(1 - p)|) per element, and n roundings
of the reduction. VJP in p, g (p - t) / (p (1 - p)): p - t, 1 - p, the product, the division, g and
the last product: gamma(6), and eta / (p (1 - p)) where the dividend underflows. In t, g (log(1 - p)
- log p): gamma(s + 3) of the absolute values.

From logits, |x| c + log1p(exp(-|x|)) with c = 1 - t for x > 0 and t otherwise: c, the product and
the sum round; exp's error reaches log1p by the factor z / ((1 + z) log1p(z)) <= 1, so the second
term is off by gamma(2 s + 1). Both terms are positive: every element is relatively accurate, and an
implementation that takes |x| from itself leaves this bound. VJP in x, g (s(x) - t):
the sigmoid's error and two roundings, g; in t, -g x: gamma(2).

With a weight w, t is w t (one rounding more) and the second term is multiplied by v = w t + 1 - t,
which is off by gamma(3), the product included by gamma(4). VJP in x, g (v s(x) - w t): as above,
with v and two products: gamma(4) more. In t, g (w log(1 + exp(-x)) - log(1 + exp(x))): each
logarithm is a sum off by gamma(2 s + 1), and w, the difference, g and the product add gamma(4) to
either.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound, per_reduction, spread
from parity.bounds.sigmoid import ROUNDINGS


def _logs(probs: Array, log_min: float | None) -> tuple[Array, Array]:
    floor = -np.inf if log_min is None else log_min
    return np.maximum(np.log(probs), floor), np.maximum(np.log1p(-probs), floor)


def _from_probs(
    a: Arithmetic,
    y: Array,
    probs: Array,
    t: Array,
    *,
    reduction: str,
    log_min: float | None,
) -> Any:
    log_p, log_q = _logs(probs, log_min)
    size = np.where(t == 0, 0, np.abs(t * log_p)) + np.where(t == 1, 0, np.abs((1 - t) * log_q))
    total, added = per_reduction(reduction, size, probs.size)
    return a.gamma(ELEMENTARY + 3 + added) * total + probs.size * a.eta


def _from_probs_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    probs: Array,
    t: Array,
    *,
    reduction: str,
    log_min: float | None,
) -> Any:
    log_p, log_q = _logs(probs, log_min)
    g, added = spread(reduction, dy, probs.size)
    dt = a.gamma(ELEMENTARY + 2 + added) * g * (np.abs(log_p) + np.abs(log_q))
    scale = probs * (1 - probs)
    # g (p - t) may underflow before it is divided.
    dp = a.gamma(6) * np.abs(cotangents[0]) + a.eta * (1 + np.where(scale > 0, 1 / scale, 0))
    return dp, dt + a.eta


def _from_logits(
    a: Arithmetic,
    y: Array,
    x: Array,
    t: Array,
    *,
    reduction: str,
    pos_weight: Array | None,
) -> Any:
    added = per_reduction(reduction, np.zeros(1), x.size)[1]
    size = np.abs(x)
    w, more = (1, 0) if pos_weight is None else (pos_weight, 4)
    elements = a.gamma(3 + more // 4 + added) * size * np.where(x > 0, 1 - t, w * t) + a.gamma(
        2 * ELEMENTARY + 1 + more + added
    ) * (w * t + 1 - t) * np.log1p(np.exp(-size))
    total, _ = per_reduction(reduction, elements, x.size)
    return total + x.size * (a.elementary_eta + a.eta)


def _from_logits_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    t: Array,
    *,
    reduction: str,
    pos_weight: Array | None,
) -> Any:
    g, added = spread(reduction, dy, x.size)
    s = 1 / (1 + np.exp(-x))
    if pos_weight is not None:
        w = pos_weight
        dx = a.gamma(ROUNDINGS + 6 + added) * (w * t + 1 - t) * s + a.gamma(3 + added) * w * t
        tail = np.log1p(np.exp(-np.abs(x)))
        logs = w * (np.maximum(-x, 0) + tail) + np.maximum(x, 0) + tail
        dt = a.gamma(2 * ELEMENTARY + 5 + added) * logs
        lost = (g + 1) * (1 + w) * (a.elementary_eta + 4 * a.eta)
        return g * dx + lost, g * dt + lost
    dx = g * (a.gamma(ROUNDINGS + 2 + added) * s + a.gamma(2 + added) * t)
    return (
        dx + (g + 1) * (a.elementary_eta + 2 * a.eta),
        a.gamma(2) * np.abs(cotangents[1]) + a.eta,
    )


bound("binary_cross_entropy", _from_probs, _from_probs_vjp)
bound("binary_cross_entropy_with_logits", _from_logits, _from_logits_vjp)
