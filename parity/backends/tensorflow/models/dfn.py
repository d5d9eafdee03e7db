"""Linear, sigmoid, linear, cross-entropy."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Model


def model(tf: Any, **_: Any) -> Model:
    """Return the deep feedforward network."""
    linear = tf.compat.v1.nn.xw_plus_b

    def forward(p: Any, x: Any, *_: Any) -> Any:
        hidden = tf.sigmoid(linear(x, p["fc1.w"], p["fc1.b"]))
        return linear(hidden, p["fc2.w"], p["fc2.b"])

    def loss(y: Any, t: Any, _: Any) -> Any:
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=y)
        return tf.reduce_mean(entropy)

    return Model(forward, loss)
