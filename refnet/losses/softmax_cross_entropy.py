"""Cross-entropy of the softmax, from logits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.errors import DtypeError, OptionError
from refnet.losses.class_labels import (
    LabelWeights,
    check_class_shapes,
    check_ignore_index,
    checked_class_weight,
    classes_back,
    classes_last,
    label_weights,
    rows_shape,
)
from refnet.losses.reducing import reduced_shape
from refnet.op import intermediate, operation
from refnet.ops.softmax import log_softmax_of


@operation(analytic=True, integer_inputs=("labels",), float_inputs_too=True)
def softmax_cross_entropy(
    logits: Array,
    labels: Array,
    /,
    *,
    reduction: str = "mean",
    weight: Array | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return -sum_c q_c log softmax(logits)_c per row: logits (..., C) -> y () or (...).

    The target weights q are w_l at label l, or w_c t_c for a row t of probabilities; with
    label_smoothing e they are (1 - e) q + e w_c / C. Computed from logits, so that no probability
    is rounded to 0 or 1 on the way; 0 log 0 counts as 0. The error is absolute, of the order of
    u: a loss below it, of a confident right answer, comes out as 0.

    Parameters
    ----------
    logits : array
        Scores, classes on the last axis or on ``axis``.
    labels : integer array (...) or array (..., C)
        Class numbers from 0 to C - 1, of the logits' shape without the class axis, or rows of
        probabilities of the logits' shape and dtype (none negative; a row need not sum to 1).
    reduction : {"mean", "sum", "none"}
        The mean divides by the sum of the weights of the class numbers that count, or by the
        number of rows of probabilities, as in PyTorch; it is NaN over nothing, where the logits'
        cotangent is 0.
    weight : array (C,), optional
        One weight w_c per class, of the logits' dtype; 1 by default.
    ignore_index : int, optional
        Class numbers of this value do not count. Not for rows of probabilities.
    label_smoothing : float
        e from 0 to 1.
    axis : int
        The class axis: 1 for (N, C, d1, d2), as PyTorch and ONNX have it.

    VJP: dlogits = g (W softmax(logits) - q), where W = sum_c q_c and g is dy, divided as the mean
    divides. For rows of probabilities dt_c = -g w_c (1 - e) log softmax(logits)_c; the cotangent
    of class numbers is None.

    Raises
    ------
    ShapeError
        If the labels fit the logits neither as class numbers nor as rows of probabilities.
    DomainError
        If a class number is out of range, or a probability or weight is negative or NaN.
    DtypeError
        If class numbers are floats, or the dtypes differ.
    OptionError
        If the reduction is unknown, label_smoothing outside [0, 1], ignore_index no integer or
        given for rows of probabilities, or the axis does not exist.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> logits = np.array([[2.0, 1.0, 0.0], [0.0, 1000.0, 0.0]])
    >>> rn.softmax_cross_entropy(logits, np.array([0, 1]), reduction="none")
    array([0.40760596, 0.        ])
    >>> dlogits, _ = rn.softmax_cross_entropy.vjp(np.array(1.0), logits, np.array([0, 1]))
    >>> dlogits
    array([[-0.16737952,  0.12236424,  0.04501529],
           [ 0.        ,  0.        ,  0.        ]])
    """
    return _with_residual(logits, labels, reduction, weight, ignore_index, label_smoothing, axis)[0]


@softmax_cross_entropy.shape_rule
def _(
    logits: Shape,
    labels: Shape,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    label_smoothing: float,
    axis: int,
) -> Shape:
    rows = rows_shape("softmax_cross_entropy", "logits", logits, axis)
    if labels != logits:
        check_class_shapes("softmax_cross_entropy", "logits", logits, labels, axis)
    if ignore_index is not None:
        check_ignore_index("softmax_cross_entropy", ignore_index)
    checks.number("softmax_cross_entropy", "label_smoothing", label_smoothing, low=0, high=1)
    return reduced_shape("softmax_cross_entropy", rows, reduction)


@softmax_cross_entropy.residual_rule
def _with_residual(
    logits: Array,
    labels: Array,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    label_smoothing: float,
    axis: int,
) -> tuple[Array, Residual]:
    target = _target(logits, labels, weight, ignore_index, label_smoothing, axis)
    logits = classes_last(logits, axis)
    log_probs = log_softmax_of(by_rows(logits), -1)
    picked: Any = None
    if isinstance(target, LabelWeights):
        picked = log_probs[target.rows, target.classes]
        elements = target.weighted(picked)
    else:
        terms = target.q * np.where(target.q == 0, 0, log_probs)
        elements = np.add.reduce(terms, axis=-1)
    if reduction == "none":
        elements = elements.reshape(logits.shape[:-1])
    else:
        elements = np.add.reduce(elements)
        if reduction == "mean":
            elements = elements / target.total
    # 0 - y, not -y: no loss is -0.
    return np.asarray(0 - elements), Residual(log_probs, target, picked)


@softmax_cross_entropy.vjp_rule
def _(
    dy: Array,
    logits: Array,
    labels: Array,
    *,
    residual: Residual,
    wrt: Collection[str],
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    label_smoothing: float,
    axis: int,
) -> Cotangents:
    log_probs, target, picked = residual
    shape = classes_last(logits, axis).shape
    g = dy
    if reduction == "mean":  # over nothing it is NaN, and no logit has a part in it
        g = dy / target.total if target.total else np.zeros_like(dy)
    dlogits = np.exp(log_probs)
    if isinstance(target, LabelWeights):
        # p - 1, without another look at the p just written.
        dlogits[target.rows, target.classes] = np.expm1(picked)
        if target.weight is not None:
            dlogits *= target.weighted(np.ones_like(target.weight))[:, np.newaxis]
        dlogits *= g.reshape(g.size, 1)
    else:
        g = g.reshape(g.size, 1)
        expected = np.add.reduce(target.q, axis=-1, keepdims=True) * intermediate(dlogits)
        dlogits = g * (expected - target.q)
    dlogits = classes_back(dlogits.reshape(shape), axis)
    if labels.dtype.kind in "iu" or "labels" not in wrt:
        return dlogits, None
    w: Any = 1
    if weight is not None:
        w = checked_class_weight("softmax_cross_entropy", weight, shape[-1], logits.real.dtype)
    label_smoothing = float(label_smoothing)
    dlabels = (-g * ((1 - label_smoothing) * w) * log_probs).reshape(shape)
    return dlogits, classes_back(dlabels, axis)


class _Rows(NamedTuple):
    """Target weights q (n, C), one row per sample, and what the mean divides by."""

    q: Array
    total: Any


class Residual(NamedTuple):
    """What the VJP reuses: log-probabilities (n, C), the target, and those of the labels (n,)."""

    log_probs: Array
    target: LabelWeights | _Rows
    picked: Any


def _target(
    logits: Array,
    labels: Array,
    weight: Array | None,
    ignore_index: int | None,
    smoothing: float,
    axis: int,
) -> LabelWeights | _Rows:
    op = "softmax_cross_entropy"
    n, smoothing = logits.shape[axis], float(smoothing)
    if labels.dtype.kind in "iu":
        if labels.shape == logits.shape:  # which the shape rule lets pass for probabilities
            check_class_shapes(op, "logits", logits.shape, labels.shape, axis)
        target = label_weights(op, labels, classes_last(logits, axis), weight, ignore_index)
        if not smoothing:
            return target
        dtype = logits.real.dtype
        q = target.one_hot(np.full(labels.size, 1 - smoothing, dtype), n)
        every = np.ones(n, dtype)
        if weight is not None:
            every = checked_class_weight(op, weight, n, dtype)
        counts = np.asarray(labels.reshape(labels.size) != ignore_index)  # all, if it is None
        q += (smoothing / n) * (counts[:, np.newaxis] * every)
        return _Rows(q, target.total)
    _check_rows_of_probabilities(logits, labels, ignore_index)
    q = (1 - smoothing) * by_rows(classes_last(labels, axis)) + smoothing / n
    if weight is not None:
        q *= checked_class_weight(op, weight, n, logits.real.dtype)
    return _Rows(q, len(q))


def _check_rows_of_probabilities(logits: Array, labels: Array, ignore_index: int | None) -> None:
    op = "softmax_cross_entropy"
    if labels.shape != logits.shape:
        raise DtypeError(
            op,
            got=f"labels {labels.shape} of dtype {labels.dtype} for logits {logits.shape}",
            needs="integer class numbers (...), or rows of probabilities of the logits' shape",
            cause="Were the class numbers read as floats? Then use .astype(np.int64).",
        )
    if ignore_index is not None:
        raise OptionError(
            op,
            got=f"ignore_index={ignore_index} with rows of probabilities",
            needs="class numbers as labels, or no ignore_index",
            cause="Give an ignored row the probabilities 0 instead.",
        )
    checks.not_negative(op, "labels", labels, what="rows of probabilities")
