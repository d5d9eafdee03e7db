"""Losses as one number each: ``tf.losses``. Each is added to the graph's collection of losses.

As in TensorFlow they are computed in float32; the cross-entropies of logits in the logits' dtype.
"""

from __future__ import annotations

from typing import Any

from refnet.errors import OptionError
from refnet.graph import Node, apply
from refnet.op import ops
from refnet.tf1.arithmetic import abs as absolute
from refnet.tf1.arithmetic import add_n, cast, equal, log, not_equal, squared_difference
from refnet.tf1.arrays import identity, ones_like, size, stop_gradient, where, zeros_like
from refnet.tf1.missing import missing
from refnet.tf1.nn.losses import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from refnet.tf1.reductions import reduce_sum
from refnet.tf1.values import float32, value
from refnet.tf1.variables import add_to_collection, get_collection, name_scope

__all__ = [
    "Reduction",
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_loss",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


class Reduction:
    """What becomes of the losses of all elements, each times its weight."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"  # divided by the number of elements
    MEAN = "weighted_mean"  # divided by the sum of the weights
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Return every one."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_BY_NONZERO_WEIGHTS)


MEAN = Reduction.SUM_BY_NONZERO_WEIGHTS  # of weights of 1: the mean


def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return losses of elements times weights, reduced: by default divided by how many count.

    Weights are a number, or an array of the losses' axes, some of length 1.

    Raises
    ------
    OptionError
        If the reduction is unknown.
    """
    if reduction not in Reduction.all():
        raise OptionError(
            "tf.losses",
            got=f"{reduction=}",
            needs=f"one of {', '.join(Reduction.all())}",
            cause="Is it misspelt?",
        )
    elements = value(losses)
    with name_scope(scope, "weighted_loss"):
        loss = _reduced(elements, weights, reduction)
    if loss_collection is not None:
        add_to_collection(loss_collection, loss)
    return loss


def add_loss(loss: Any, loss_collection: str | None = "losses") -> None:
    """Add a loss to the graph's."""
    if loss_collection is not None:
        add_to_collection(loss_collection, loss)


def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of d^2 / 2 up to |d| = delta, and of delta (|d| - delta / 2) beyond."""
    p, t = _singles(predictions, labels)
    elements: Node = apply(ops()["huber"], p, t, kind="Huber", delta=float(delta), reduction="none")
    return compute_weighted_loss(
        elements, weights, scope or "huber_loss", loss_collection, reduction
    )


def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of max(0, 1 - t y), t = 2 labels - 1: the labels are 0 and 1."""
    y, labels = _singles(logits, labels)
    t = labels * 2.0 - 1.0
    elements: Node = apply(ops()["hinge"], y, t, kind="Hinge", reduction="none")
    return compute_weighted_loss(
        elements, weights, scope or "hinge_loss", loss_collection, reduction
    )


def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
    dim: int | None = None,
) -> Node:
    """Return the mean of 1 - sum of products along an axis, of vectors of length 1."""
    p, t = _singles(predictions, labels)
    along = dim if axis is None else axis
    if along is None:
        raise OptionError("cosine_distance", got="no axis", needs="an axis", cause="Is it -1?")
    elements = 1.0 - reduce_sum(p * t, along, True)
    named = scope or "cosine_distance_loss"
    return compute_weighted_loss(elements, weights, named, loss_collection, reduction)


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of (predictions - labels)^2."""
    elements = squared_difference(*_singles(predictions, labels))
    return compute_weighted_loss(
        elements, weights, scope or "mean_squared_error", loss_collection, reduction
    )


def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of |predictions - labels|."""
    a, b = _singles(predictions, labels)
    elements = absolute(a - b)
    return compute_weighted_loss(
        elements, weights, scope or "absolute_difference", loss_collection, reduction
    )


def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of -t log(p + epsilon) - (1 - t) log(1 - p + epsilon)."""
    p, t = _singles(predictions, labels)
    elements = -(t * log(p + epsilon)) - (1 - t) * log(1 - p + epsilon)
    return compute_weighted_loss(elements, weights, scope or "log_loss", loss_collection, reduction)


def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of the cross-entropies of rows of logits with rows of probabilities."""
    x = value(logits)
    t = stop_gradient(cast(onehot_labels, x.dtype))
    if label_smoothing:
        classes = float(t.shape[-1] or 0)
        t = t * (1 - label_smoothing) + label_smoothing / classes
    elements = softmax_cross_entropy_with_logits_v2(labels=t, logits=x)
    return compute_weighted_loss(
        elements, weights, scope or "softmax_cross_entropy_loss", loss_collection, reduction
    )


def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of the cross-entropies of rows of logits with numbers of classes."""
    elements = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return compute_weighted_loss(
        elements, weights, scope or "sparse_softmax_cross_entropy_loss", loss_collection, reduction
    )


def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of the binary cross-entropies of logits with probabilities."""
    x = value(logits)
    t = cast(multi_class_labels, x.dtype)
    if label_smoothing:
        t = t * (1 - label_smoothing) + 0.5 * label_smoothing
    elements = sigmoid_cross_entropy_with_logits(labels=t, logits=x)
    return compute_weighted_loss(
        elements, weights, scope or "sigmoid_cross_entropy_loss", loss_collection, reduction
    )


def get_losses(scope: str | None = None, loss_collection: str = "losses") -> list[Node]:
    """Return the losses that were made so far."""
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Node]:
    """Return the losses that regularizers of variables have made."""
    return get_collection("regularization_losses", scope)


def get_regularization_loss(
    scope: str | None = None, name: str = "total_regularization_loss"
) -> Node:
    """Return the sum of the losses that regularizers of variables have made; 0 without any."""
    every = get_regularization_losses(scope)
    return add_n(every, name) if every else value(0.0)


def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Node:
    """Return the sum of all losses, and of the regularizers'."""
    every = get_losses(scope)
    if add_regularization_losses:
        every = every + get_regularization_losses(scope)
    return add_n(every, name)


def _singles(a: Any, b: Any) -> tuple[Node, Node]:
    return cast(a, float32), cast(b, float32)


def _reduced(losses: Node, weights: Any, reduction: str) -> Node:
    elements, weight = cast(losses, float32), cast(weights, float32)
    if reduction == Reduction.NONE:
        return cast(elements * weight, losses.dtype, "Mul")
    total = reduce_sum(elements * weight)
    each = weight * ones_like(elements)  # of every element
    match reduction:
        case Reduction.SUM:
            return cast(identity(total, "value"), losses.dtype)
        case Reduction.SUM_OVER_BATCH_SIZE:
            count = cast(size(elements), float32)
        case Reduction.MEAN:
            count = reduce_sum(each)
        case _:
            count = reduce_sum(cast(not_equal(each, 0.0), float32))
    none = equal(count, 0.0)
    mean = total / where(none, ones_like(count), count)
    return cast(where(none, zeros_like(mean), mean, "value"), losses.dtype)


__getattr__ = missing("tf.losses", __all__)
