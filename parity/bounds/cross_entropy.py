"""Bound of the cross-entropy of given probabilities.

log(p + eps): eps and the sum round, which moves the logarithm by 2 u (nothing without eps), and the
logarithm has its accuracy s. A product and a sum over C classes, then over n rows and a division:
sum_c t (2 u + s u |log|) + gamma(C + n + 1) sum_c t |log|. VJP, -g t / (p + eps): g, the product,
the two roundings of p + eps and the division, gamma(5), and eta / (p + eps) where the dividend
underflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound, per_reduction, spread


def _logs(a: Arithmetic, probs: Array, eps: float) -> tuple[Array, Array]:
    """Return |log(p + eps)| and its error."""
    size = np.abs(np.log(probs + eps))
    return size, a.gamma(ELEMENTARY) * size + (a.gamma(2) if eps else 0)


def _targets(probs: Array, labels: Array, axis: int) -> Array:
    """Return rows of probabilities for ``probs``, whose classes are on the last axis by now."""
    if labels.dtype.kind not in "iu":
        return np.moveaxis(labels, axis, -1)
    hot = labels[..., np.newaxis] == np.arange(probs.shape[-1])
    return np.asarray(hot.astype(probs.dtype))


def _loss(
    a: Arithmetic,
    y: Array,
    probs: Array,
    labels: Array,
    *,
    eps: float,
    reduction: str,
    axis: int,
) -> Any:
    probs = np.moveaxis(probs, axis, -1)
    t = _targets(probs, labels, axis)
    size, error = _logs(a, probs, eps)
    classes = probs.shape[-1]
    n = probs.size // classes
    added = per_reduction(reduction, np.zeros(n), n)[1]
    terms = np.where(t == 0, 0, t * (error + a.gamma(classes + 1 + added) * size))
    return per_reduction(reduction, terms.sum(axis=-1), n)[0] + n * a.eta


def _loss_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    probs: Array,
    labels: Array,
    *,
    eps: float,
    reduction: str,
    axis: int,
) -> Any:
    sums = probs + eps
    # g t may underflow before it is divided.
    dprobs = a.gamma(5) * np.abs(cotangents[0]) + a.eta * (1 + np.where(sums > 0, 1 / sums, 0))
    if labels.dtype.kind in "iu":
        return dprobs, None
    size, error = _logs(a, probs, eps)
    g, added = spread(reduction, dy, probs.size // probs.shape[axis])
    g = np.expand_dims(g, axis) if g.ndim else g
    return dprobs, g * (error + a.gamma(added + 1) * size) + a.eta


bound("cross_entropy", _loss, _loss_vjp)
