"""Losses per sample: minimising one of them minimises its sum."""

from __future__ import annotations

from typing import Any

from refnet.errors import ArgumentError
from refnet.graph import Node, apply
from refnet.graph import stop_gradient as _stop_gradient
from refnet.op import ops
from refnet.tf1.values import pair, value


def softmax_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: int | None = None,
) -> Node:
    """Return the cross-entropy of each row of logits with a row of probabilities.

    No gradient flows into the labels.
    """
    _both("softmax_cross_entropy_with_logits", labels, logits)
    logits, labels = pair(logits, labels)
    return _softmax(_stop_gradient(value(labels)), logits, dim if axis is None else axis, name)


def softmax_cross_entropy_with_logits_v2(
    labels: Any,
    logits: Any,
    axis: int | None = None,
    name: str | None = None,
    dim: int | None = None,
) -> Node:
    """Return the cross-entropy of each row of logits with a row of probabilities.

    Gradients flow into the labels, too.
    """
    logits, labels = pair(logits, labels)
    along = axis if axis is not None else -1 if dim is None else dim
    return _softmax(labels, logits, along, name)


def sparse_softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Node:
    """Return the cross-entropy of each row of logits with the number of a class."""
    _both("sparse_softmax_cross_entropy_with_logits", labels, logits)
    return _softmax(labels, logits, -1, name)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Node:
    """Return the binary cross-entropy of each logit with a probability."""
    _both("sigmoid_cross_entropy_with_logits", labels, logits)
    x, t = pair(logits, labels)
    made: Node = apply(
        ops()["binary_cross_entropy_with_logits"],
        value(x),
        value(t),
        kind="logistic_loss",
        name=name,
        reduction="none",
    )
    return made


def l2_loss(t: Any, name: str | None = None) -> Node:
    """Return half the sum of squares."""
    made: Node = apply(ops()["l2_penalty"], value(t), kind="L2Loss", name=name, half=True)
    return made


def _softmax(labels: Any, logits: Any, axis: int, name: str | None) -> Node:
    made: Node = apply(
        ops()["softmax_cross_entropy"],
        value(logits),
        value(labels),
        kind="SoftmaxCrossEntropyWithLogits",
        name=name,
        reduction="none",
        axis=axis,
    )
    return made


def _both(op: str, labels: Any, logits: Any) -> None:
    if labels is None or logits is None:
        raise ArgumentError(
            op,
            got="no labels" if labels is None else "no logits",
            needs="both labels=... and logits=..., by keyword",
            cause="Before TensorFlow 1.0 they were passed by position, the logits first.",
        )
