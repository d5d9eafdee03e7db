"""Bound of the cross-entropy of the softmax.

With E the absolute error of log-softmax and q the target weights (no path meets more than 4
roundings out of 1 - e, e / C, two products and a sum), an element sum_c q |log p| is off by
sum_c q E + gamma(C + 5) sum_c q |log p|; reducing n rows adds 2 n roundings, a mean over weights
among them. VJP, g (W p - q) with g = dy / total: g is off by gamma(n + 1), W by gamma(C + 4),
p = exp(log p) by E + s u; subtraction and product round. At a class label p - 1 = expm1(log p) is
off by p E + s u |p - 1|, and q, which is 1 there, carries the s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound
from parity.bounds.nll import label_weights
from parity.bounds.softmax import log_softmax_error


def _parts(
    a: Arithmetic,
    logits: Array,
    labels: Array,
    weight: Array | None,
    ignore_index: int | None,
    smoothing: float,
    axis: int,
) -> tuple[Array, Array, Array, Array, Any]:
    """Return p, |log p| and its error, q, and what the mean divides by, all by rows."""
    logits = np.moveaxis(logits, axis, -1)
    classes = logits.shape[-1]
    n = logits.size // classes
    p, value, error = log_softmax_error(a, logits.reshape(n, classes), -1)
    each = np.ones(classes) if weight is None else weight
    if labels.dtype.kind in "iu":
        w, index = label_weights(labels, classes, weight, ignore_index)
        q = np.zeros((n, classes), logits.dtype)
        q[np.arange(n), index] = (1 - smoothing) * w
        counts = np.ones(n, bool) if ignore_index is None else labels.ravel() != ignore_index
        q += smoothing / classes * counts[:, np.newaxis] * each
        total = w.sum()
    else:
        q = each * (
            (1 - smoothing) * np.moveaxis(labels, axis, -1).reshape(n, classes)
            + smoothing / classes
        )
        total = n
    masked = np.isneginf(value)
    return p, np.where(masked, 0, np.abs(value)), np.where(masked, 0, error), q, total


def _loss(
    a: Arithmetic,
    y: Array,
    logits: Array,
    labels: Array,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    label_smoothing: float,
    axis: int,
) -> Any:
    options = (weight, ignore_index, label_smoothing, axis)
    _, size, error, q, total = _parts(a, logits, labels, *options)
    n, classes = q.shape
    roundings = classes + 5 + (0 if reduction == "none" else 2 * n)
    elements = (q * error).sum(axis=1) + a.gamma(roundings) * (q * size).sum(axis=1)
    if reduction == "none":
        return elements.reshape(y.shape) + a.eta
    whole = elements.sum() + n * a.eta
    return whole / total if reduction == "mean" else whole


def _loss_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    logits: Array,
    labels: Array,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    label_smoothing: float,
    axis: int,
) -> Any:
    options = (weight, ignore_index, label_smoothing, axis)
    p, size, error, q, total = _parts(a, logits, labels, *options)
    shape = np.moveaxis(logits, axis, -1).shape

    def back(limit: Array) -> Array:
        return np.moveaxis(limit.reshape(shape), -1, axis)

    n, classes = q.shape
    g = np.abs(dy).reshape(-1, 1) / (total if reduction == "mean" else 1)
    spread = n + 1 if reduction == "mean" else 0
    whole = q.sum(axis=1, keepdims=True)
    # A float16 log-probability that was saved rounded is off by that too.
    p_error = error + a.saved * size + a.gamma(ELEMENTARY + classes + spread + 6)
    classed = labels.dtype.kind in "iu"
    q_error = a.gamma(spread + 6 + (ELEMENTARY if classed else 0))
    dlogits = g * (whole * p * p_error + q * q_error) + (g + 1) * (a.elementary_eta + 2 * a.eta)
    if classed:
        return back(dlogits), None
    each = (1 - label_smoothing) * (1 if weight is None else weight)
    dlabels = g * each * (error + (a.gamma(spread + 4) + a.saved) * size) + a.eta
    return back(dlogits), back(dlabels)


bound("softmax_cross_entropy", _loss, _loss_vjp)
