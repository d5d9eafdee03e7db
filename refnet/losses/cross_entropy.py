"""Cross-entropy of given probabilities."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.errors import DtypeError
from refnet.losses.class_labels import (
    LabelWeights,
    check_class_shapes,
    classes_back,
    classes_last,
    label_weights,
    rows_shape,
)
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import operation


@operation(analytic=True, integer_inputs=("labels",), float_inputs_too=True)
def cross_entropy(
    probs: Array,
    labels: Array,
    /,
    *,
    eps: float = 0.0,
    reduction: str = "mean",
    axis: int = -1,
) -> Array:
    """Return -sum_c t_c log(p_c + eps) per row: probs p (..., C) -> y () or (...).

    From logits use softmax_cross_entropy, which is accurate where this is not: a probability that
    was rounded to 0 or 1 has lost its logarithm. 0 log 0 counts as 0.

    Parameters
    ----------
    probs : array
        Probabilities, classes on the last axis or on ``axis``. Not checked against 1, which
        rounding may exceed.
    labels : integer array (...) or array (..., C)
        Class numbers from 0 to C - 1, of the shape of probs without the class axis, or rows t of
        probabilities of the shape and dtype of probs.
    eps : float
        Added to each probability to keep the logarithm finite, rounded to the dtype that is
        computed in (float32 for float16). The sources use 2.2e-16 and 1e-7; 0 by default.
    reduction : {"mean", "sum", "none"}
        The mean is that over the rows.
    axis : int
        The class axis: 1 for (N, C, d1, d2), as PyTorch and ONNX have it.

    VJP: dp_c = -g t_c / (p_c + eps), where g is dy, divided by the number of rows for the mean.
    For rows of probabilities dt_c = -g log(p_c + eps); the cotangent of class numbers is None.

    Raises
    ------
    ShapeError
        If the labels fit probs neither as class numbers nor as rows of probabilities.
    DomainError
        If a class number is out of range, or a probability is negative (or NaN, in labels).
    DtypeError
        If class numbers are floats, or the dtypes differ.
    OptionError
        If the reduction is unknown, eps negative or the axis does not exist.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> probs = np.array([[0.5, 0.25, 0.25], [0.1, 0.0, 0.9]])
    >>> rn.cross_entropy(probs, np.array([0, 2]))
    array(0.39925385)
    >>> rn.cross_entropy(probs, np.array([0, 1]), eps=1e-7, reduction="none")
    array([ 0.69314698, 16.11809565])
    """
    target = _target(probs, labels, axis)
    probs = classes_last(probs, axis)
    rows, eps = by_rows(probs), probs.real.dtype.type(eps)
    if isinstance(target, LabelWeights):
        elements = np.log(target.picked(rows) + eps)
    else:
        # Where t is 0 the term is 0, whatever p is.
        elements = np.add.reduce(target * np.log(np.where(target == 0, 1, rows + eps)), axis=-1)
    # 0 - x, not -x, so that no loss is -0.
    return reduce_elements(np.asarray(0 - elements.reshape(probs.shape[:-1])), reduction)


@cross_entropy.shape_rule
def _(probs: Shape, labels: Shape, *, eps: float, reduction: str, axis: int) -> Shape:
    rows = rows_shape("cross_entropy", "probs", probs, axis)
    if labels != probs:
        check_class_shapes("cross_entropy", "probs", probs, labels, axis)
    checks.number("cross_entropy", "eps", eps, low=0)
    return reduced_shape("cross_entropy", rows, reduction)


@cross_entropy.vjp_rule
def _(
    dy: Array,
    probs: Array,
    labels: Array,
    *,
    wrt: Collection[str],
    eps: float,
    reduction: str,
    axis: int,
) -> Cotangents:
    target = _target(probs, labels, axis)
    probs = classes_last(probs, axis)
    rows, eps = by_rows(probs), probs.real.dtype.type(eps)
    g = spread(dy, probs.shape[:-1], reduction).reshape(dy.size)
    if isinstance(target, LabelWeights):
        slopes = -g / (target.picked(rows) + eps)
        dprobs = target.one_hot(slopes, rows.shape[1]).reshape(probs.shape)
        return classes_back(dprobs, axis), None
    g = g[:, np.newaxis]
    dprobs = -(g * target) / np.where(target == 0, 1, rows + eps)
    dprobs = classes_back(dprobs.reshape(probs.shape), axis)
    if "labels" not in wrt:
        return dprobs, None
    return dprobs, classes_back((-g * np.log(rows + eps)).reshape(probs.shape), axis)


def _target(probs: Array, labels: Array, axis: int) -> LabelWeights | Array:
    """Return class numbers as weights, or rows of probabilities (n, C), checked."""
    op = "cross_entropy"
    # Values above 1 pass: rounding may carry a probability there.
    checks.not_negative(op, "probs", probs, what="probabilities", nan_passes=True)
    if labels.dtype.kind in "iu":
        check_class_shapes(op, "probs", probs.shape, labels.shape, axis)
        return label_weights(op, labels, classes_last(probs, axis), None, None)
    if labels.shape != probs.shape:
        raise DtypeError(
            op,
            got=f"labels {labels.shape} of dtype {labels.dtype} for probs {probs.shape}",
            needs="integer class numbers (...), or rows of probabilities of probs' shape",
            cause="Were the class numbers read as floats? Then use .astype(np.int64).",
        )
    checks.not_negative(op, "labels", labels, what="rows of probabilities")
    return by_rows(classes_last(labels, axis))
