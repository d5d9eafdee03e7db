"""A simple recurrent network over bits, a sigmoid at each, mean squared error."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Model


def model(tf: Any, **_: Any) -> Model:
    """Return the adder: x (N, bits, 2) -> (N, bits)."""
    linear = tf.compat.v1.nn.xw_plus_b

    def forward(p: Any, x: Any, *_: Any) -> Any:
        state = tf.zeros((x.shape[0], p["rnn.b"].shape[0]), x.dtype)
        bits = []
        for step in tf.unstack(x, axis=1):
            state = tf.tanh(linear(tf.concat([step, state], 1), p["rnn.w"], p["rnn.b"]))
            bits.append(tf.sigmoid(linear(state, p["out.w"], p["out.b"])))
        return tf.concat(bits, 1)

    def loss(y: Any, t: Any, _: Any) -> Any:
        return tf.reduce_mean(tf.math.squared_difference(y, t))

    return Model(forward, loss, scores=False)
