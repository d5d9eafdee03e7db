"""The negative log-likelihood of class numbers."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.losses.class_labels import (
    check_class_shapes,
    check_ignore_index,
    classes_back,
    classes_last,
    label_weights,
)
from refnet.losses.reducing import reduced_shape
from refnet.op import operation


@operation(analytic=True, integer_inputs=("labels",))
def nll(
    log_probs: Array,
    labels: Array,
    /,
    *,
    reduction: str = "mean",
    weight: Array | None = None,
    ignore_index: int | None = None,
    axis: int = -1,
) -> Array:
    """Return -w log p at the labels: log_probs (..., C), labels (...) -> y () or (...).

    Parameters
    ----------
    log_probs : array
        Log-probabilities, classes on the last axis or on ``axis``, such as log_softmax gives.
    labels : integer array
        Class numbers from 0 to C - 1, of the shape of log_probs without the class axis.
    reduction : {"mean", "sum", "none"}
        The mean divides by the sum of the weights of the labels that count, as in PyTorch; it is
        NaN if none counts, and its cotangent 0.
    weight : array (C,), optional
        One weight w per class, of the dtype of log_probs; 1 by default.
    ignore_index : int, optional
        Labels of this value do not count: their element is 0.
    axis : int
        The class axis of log_probs: 1 for (N, C, d1, d2), as PyTorch and ONNX have it.

    VJP: dlog_probs = -w dy at each label, divided by the sum of weights for the mean; 0 elsewhere.
    The cotangent of the labels is None.

    Raises
    ------
    ShapeError
        If labels are not of log_probs' shape without its class axis.
    DomainError
        If a label is outside 0 to C - 1, or a weight is negative or NaN.
    DtypeError
        If the labels are no integers or the dtypes differ.
    OptionError
        If the reduction is unknown, ignore_index is no integer or the axis does not exist.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.125, 0.5, 0.375]]))
    >>> rn.nll(log_probs, np.array([0, 1]))
    array(0.69314718)
    """
    log_probs = classes_last(log_probs, axis)
    target = label_weights("nll", labels, log_probs, weight, ignore_index)
    elements = target.picked(by_rows(log_probs))
    if reduction == "none":
        return np.asarray(0 - elements.reshape(labels.shape))  # 0 - y: no loss is -0
    total = np.add.reduce(elements)
    return np.asarray(0 - (total / target.total if reduction == "mean" else total))


@nll.shape_rule
def _(
    log_probs: Shape,
    labels: Shape,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    axis: int,
) -> Shape:
    check_class_shapes("nll", "log_probs", log_probs, labels, axis)
    check_ignore_index("nll", ignore_index)
    return reduced_shape("nll", labels, reduction)


@nll.vjp_rule
def _(
    dy: Array,
    log_probs: Array,
    labels: Array,
    *,
    reduction: str,
    weight: Array | None,
    ignore_index: int | None,
    axis: int,
) -> Cotangents:
    log_probs = classes_last(log_probs, axis)
    target = label_weights("nll", labels, log_probs, weight, ignore_index)
    g = -dy
    if reduction == "mean":  # over nothing it is NaN, and nothing has a part in it
        g = -dy / target.total if target.total else np.zeros_like(dy)
    g = np.broadcast_to(g.reshape(g.size), target.rows.shape)
    dlog_probs = target.one_hot(g, log_probs.shape[-1]).reshape(log_probs.shape)
    return classes_back(dlog_probs, axis), None
