"""Bound of the negative log-likelihood.

Picking is exact. A weight multiplies once, a sum over n rows rounds n - 1 times, the mean divides
by a sum of n weights: gamma(2 n) relative to the sum of absolute values. The VJP: -w dy divided by
that sum, gamma(n + 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def label_weights(
    labels: Array, classes: int, weight: Array | None, ignore_index: int | None
) -> tuple[Array, Array]:
    """Return the weight of each class number, flat, and the number with ignored ones as 0."""
    flat = labels.ravel()
    counts = np.ones(flat.shape, bool) if ignore_index is None else flat != ignore_index
    looked_up = np.where(counts, flat, 0)
    each = np.ones(classes) if weight is None else weight
    return np.where(counts, each[looked_up], 0), looked_up


def _nll(
    a: Arithmetic,
    y: Array,
    log_probs: Array,
    labels: Array,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    axis: int,
) -> Any:
    if reduction == "none":
        return 0.0 if weight is None else a.u * np.abs(y) + a.eta
    log_probs = np.moveaxis(log_probs, axis, -1)
    w, index = label_weights(labels, log_probs.shape[-1], weight, ignore_index)
    rows = log_probs.reshape(len(w), log_probs.shape[-1])
    terms = np.where(w == 0, 0, np.abs(w * rows[np.arange(len(w)), index]))
    n = len(w)
    if reduction == "sum":
        return a.gamma(n) * terms.sum() + n * a.eta
    return a.gamma(2 * n) * terms.sum() / w.sum() + n * a.eta


def _nll_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    log_probs: Array,
    labels: Array,
    *,
    reduction: str,
    weight: Array | None,
    **options: Any,
) -> Any:
    if reduction != "mean" and weight is None:
        return 0.0, None
    n = labels.size + 1 if reduction == "mean" else 1
    size = np.abs(cotangents[0])
    return np.where(size > 0, a.gamma(n) * size + a.eta, 0), None


bound("nll", _nll, _nll_vjp)
