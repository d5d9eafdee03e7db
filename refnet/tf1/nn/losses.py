"""Losses per sample: minimising one of them minimises its sum."""

from __future__ import annotations

from typing import Any

from refnet.errors import ArgumentError
from refnet.graph import Node, apply, binary
from refnet.graph import stop_gradient as _stop_gradient
from refnet.op import ops
from refnet.tf1.arrays import reshape, shape
from refnet.tf1.values import pair, value


def softmax_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: int | None = None,
) -> Node:
    """Return the cross-entropy of each row of logits with a row of probabilities.

    No gradient flows into the labels. The gradient is that of the value, sum(labels) softmax -
    labels; TensorFlow has softmax - labels, which is the same for labels that add up to 1.

    Of logits (..., C) the result has the leading shape; the labels may have another one of as many
    rows, which is that of the logits once both are (-1, C).

    Raises
    ------
    ShapeError
        If there are not as many rows of labels as of logits, or as many classes; for an axis
        other than -1, if their shapes differ.
    """
    _both("softmax_cross_entropy_with_logits", labels, logits)
    x, t = _operands(logits, labels)
    return _of_rows(_stop_gradient(t), x, dim if axis is None else axis, name)


def softmax_cross_entropy_with_logits_v2(
    labels: Any,
    logits: Any,
    axis: int | None = None,
    name: str | None = None,
    dim: int | None = None,
) -> Node:
    """Return the cross-entropy of each row of logits with a row of probabilities.

    Gradients flow into the labels, too. For labels that do not add up to 1 the gradient is another
    than TensorFlow's, as in :func:`softmax_cross_entropy_with_logits`; the shapes are as there.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> labels, logits = tf.ones([1, 2, 3]) / 3, tf.zeros([2, 3])
    >>> tf.nn.softmax_cross_entropy_with_logits_v2(labels, logits).get_shape()
    TensorShape([2])
    """
    x, t = _operands(logits, labels)
    return _of_rows(t, x, axis if axis is not None else -1 if dim is None else dim, name)


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


def weighted_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    pos_weight: Any = None,
    name: str | None = None,
    targets: Any = None,
) -> Node:
    """Return the binary cross-entropy of each logit, that of the second class times a weight.

    It is (1 - t) x + (1 + (pos_weight - 1) t) softplus(-x) for a logit x and a probability t.
    """
    given = labels if targets is None else targets
    _both("weighted_cross_entropy_with_logits", given, logits)
    x, t = (value(v) for v in pair(logits, given))
    with x.graph.name_scope(name or "logistic_loss") as scope:
        weight = 1.0 + (pos_weight - 1.0) * t
        losses: Node = apply(ops()["softplus"], -x, kind="Softplus")
        return binary("add", (1.0 - t) * x, weight * losses, scope)


def l2_loss(t: Any, name: str | None = None) -> Node:
    """Return half the sum of squares."""
    made: Node = apply(ops()["l2_penalty"], value(t), kind="L2Loss", name=name, half=True)
    return made


def _operands(logits: Any, labels: Any) -> tuple[Node, Node]:
    """Return logits and labels as nodes; plain labels take the dtype of the logits."""
    logits, labels = pair(logits, labels)
    x = value(logits)
    return x, labels if isinstance(labels, Node) else value(labels, x.dtype)


def _of_rows(labels: Node, logits: Node, axis: int, name: str | None) -> Node:
    """Return the cross-entropies of logits with probabilities, of other leading axes where so."""
    x, t = logits.dims, labels.dims
    known = x is not None and t is not None
    if axis != -1 or (known and logits.shape[:-1].is_compatible_with(labels.shape[:-1])):
        return _softmax(labels, logits, axis, name)
    graph = logits.graph
    with graph.name_scope(name or "softmax_cross_entropy_with_logits") as scope:
        rows = _softmax(_rows(labels), _rows(logits), -1, None)
        if x is None or x[:-1].count(None) > 1:
            made = reshape(rows, shape(logits)[:-1], scope)
            made.set_shape(None if x is None else x[:-1])
            return made
        return reshape(rows, [-1 if n is None else n for n in x[:-1]], scope)


def _rows(x: Node) -> Node:
    """Return an array (..., C) as rows (-1, C)."""
    known = x.dims[-1] if x.dims else None
    return reshape(x, [-1, shape(x)[-1] if known is None else known])


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
