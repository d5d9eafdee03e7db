"""Losses as one number each: ``tf.losses``. Each is added to the graph's collection of losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refnet.errors import OptionError
from refnet.graph import Node, binary
from refnet.tf1.arithmetic import abs as absolute
from refnet.tf1.arithmetic import add_n, cast, log, squared_difference
from refnet.tf1.missing import missing
from refnet.tf1.nn.losses import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from refnet.tf1.reductions import reduce_mean, reduce_sum
from refnet.tf1.values import pair, value
from refnet.tf1.variables import add_to_collection, get_collection

__all__ = [
    "absolute_difference",
    "get_losses",
    "get_regularization_losses",
    "get_total_loss",
    "log_loss",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]

MEAN = "weighted_sum_by_nonzero_weights"  # of weights of 1: the mean
_REDUCTIONS: dict[str, Callable[[Node], Node]] = {
    MEAN: reduce_mean,
    "weighted_mean": reduce_mean,
    "weighted_sum_over_batch_size": reduce_mean,
    "weighted_sum": reduce_sum,
    "none": lambda x: x,
}


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of (predictions - labels)^2."""
    elements = squared_difference(*pair(predictions, labels))
    return _reduced(elements, weights, scope, loss_collection, reduction)


def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = "losses",
    reduction: str = MEAN,
) -> Node:
    """Return the mean of |predictions - labels|."""
    a, b = pair(predictions, labels)
    return _reduced(absolute(value(a) - b), weights, scope, loss_collection, reduction)


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
    p, t = (value(v) for v in pair(predictions, labels))
    elements = -(t * log(p + epsilon)) - (1 - t) * log(1 - p + epsilon)
    return _reduced(elements, weights, scope, loss_collection, reduction)


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
    x, t = (value(v) for v in pair(logits, onehot_labels))
    if label_smoothing:
        classes = float(t.shape[-1] or 0)
        t = t * (1 - label_smoothing) + label_smoothing / classes
    elements = softmax_cross_entropy_with_logits_v2(labels=t, logits=x)
    return _reduced(elements, weights, scope, loss_collection, reduction)


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
    return _reduced(elements, weights, scope, loss_collection, reduction)


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
    x, t = (value(v) for v in pair(logits, multi_class_labels))
    if label_smoothing:
        t = t * (1 - label_smoothing) + 0.5 * label_smoothing
    elements = sigmoid_cross_entropy_with_logits(labels=t, logits=x)
    return _reduced(elements, weights, scope, loss_collection, reduction)


def get_losses(scope: str | None = None, loss_collection: str = "losses") -> list[Node]:
    """Return the losses that were made so far."""
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Node]:
    """Return the losses that regularizers of variables have made."""
    return get_collection("regularization_losses", scope)


def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Node:
    """Return the sum of all losses, and of the regularizers'."""
    every = get_losses(scope)
    if add_regularization_losses:
        every = every + get_regularization_losses(scope)
    return add_n(every, name)


def _reduced(
    elements: Node, weights: Any, scope: str | None, collection: str | None, reduction: str
) -> Node:
    plain = isinstance(weights, int | float)
    if reduction not in _REDUCTIONS or not (plain or reduction in ("none", "weighted_sum")):
        raise OptionError(
            "losses",
            got=f"reduction={reduction!r} with weights {weights!r}",
            needs=f"one of {', '.join(_REDUCTIONS)}, and a number as weights for means",
            cause="Weights per element: multiply, then reduce_sum.",
        )
    if not plain or weights != 1:
        elements = elements * (cast(weights, elements.dtype) if not plain else float(weights))
    loss = _REDUCTIONS[reduction](elements)
    if scope is not None:
        loss = binary("multiply", loss, 1.0, scope)
    if collection is not None:
        add_to_collection(collection, loss)
    return loss


__getattr__ = missing("tf.losses", __all__)
