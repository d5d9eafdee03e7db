"""Linear layers with ReLUs, and either loss."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Branches, Model


def model(
    tf: Any,
    hidden: int | None = 300,
    loss: str = "softmax_cross_entropy",
    output: str | None = None,
    **_: Any,
) -> Model:
    """Return the multilayer perceptron: the cross-entropy is summed over the batch."""
    softmax = loss == "softmax_cross_entropy"
    activation = output or ("identity" if softmax else "relu")

    def forward(p: Any, x: Any, _: Any, branches: Branches) -> Any:
        last = 1 if hidden is None else 2
        for i in range(1, last + 1):
            x = tf.compat.v1.nn.xw_plus_b(x, p[f"fc{i}.w"], p[f"fc{i}.b"])
            if i < last or activation == "relu":
                x = branches.relu(tf.nn.relu(x))
        return x

    def cross_entropy(y: Any, t: Any, _: Any) -> Any:
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=y)
        return tf.reduce_sum(entropy)

    def squared_error(y: Any, t: Any, _: Any) -> Any:
        rows = tf.one_hot(t, y.shape[1], dtype=y.dtype)
        return tf.reduce_sum(tf.math.squared_difference(y, rows)) / (2 * y.shape[0])

    return Model(forward, cross_entropy if softmax else squared_error)
