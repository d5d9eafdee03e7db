"""Linear, linear, sigmoid, mean squared error."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Model


def model(tf: Any, **_: Any) -> Model:
    """Return the network that tells positive reviews from negative ones."""
    linear = tf.compat.v1.nn.xw_plus_b

    def forward(p: Any, x: Any, *_: Any) -> Any:
        hidden = linear(x, p["fc1.w"], p["fc1.b"])
        return tf.sigmoid(linear(hidden, p["fc2.w"], p["fc2.b"]))

    def loss(y: Any, t: Any, _: Any) -> Any:
        return tf.reduce_mean(tf.math.squared_difference(y, t))

    return Model(forward, loss, scores=False)
