"""The activations."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return the activations."""
    nn = tf.nn

    def elu(x: Any, alpha: float = 1.0) -> Any:
        if alpha == 1.0:
            return nn.elu(x)
        return tf.where(x > 0, x, alpha * nn.elu(tf.where(x > 0, tf.zeros_like(x), x)))

    def step(x: Any) -> Any:
        # A comparison has no derivative in TensorFlow, which is the zero of refnet's.
        return tf.where(tf.math.is_nan(x), tf.stop_gradient(x), tf.cast(x > 0, x.dtype))

    def hard_tanh(x: Any, low: float = -1.0, high: float = 1.0) -> Any:
        # Limits of its own, and their derivative: clip_by_value has 1 at the ends.
        bottom, top = (tf.constant(end + 0.0, x.dtype) for end in (low, high))
        limited = tf.where(x <= bottom, bottom, tf.where(x >= top, top, x))
        return tf.where((x > bottom) & (x < top), x, tf.stop_gradient(limited))

    def hard_sigmoid(x: Any, slope: float | None = None, offset: float = 0.5) -> Any:
        line = x / 6 if slope in (None, 1 / 6) else slope * x
        return hard_tanh(line + offset, 0.0, 1.0)

    def prelu(x: Any, a: Any) -> Any:
        a = tf.reshape(a, ()) if not x.ndim else a
        # a meets 0 where x > 0: an infinite x times its cotangent of 0 would be NaN.
        return tf.where(x > 0, x, a * tf.where(x > 0, tf.zeros_like(x), x))

    def softplus(x: Any, beta: float = 1.0) -> Any:
        return nn.softplus(x) if beta == 1.0 else nn.softplus(beta * x) / beta

    def gelu(x: Any, approximate: str = "none") -> Any:
        return nn.gelu(x, approximate=approximate == "tanh")

    return Family(
        {
            "affine": lambda x, slope=1.0, intercept=0.0: slope * x + intercept,
            "elu": elu,
            "gelu": gelu,
            "hard_sigmoid": hard_sigmoid,
            "hard_tanh": hard_tanh,
            "identity": tf.identity,
            "leaky_relu": lambda x, slope=0.01: nn.leaky_relu(x, alpha=slope),
            "mish": lambda x: x * tf.tanh(nn.softplus(x)),
            "prelu": prelu,
            "relu": nn.relu,
            "selu": nn.selu,
            "sigmoid": tf.sigmoid,
            "silu": nn.silu,
            "softplus": softplus,
            "softsign": nn.softsign,
            "step": step,
            "tanh": tf.tanh,
        },
        # TensorFlow computes the others in the half type too, rounding at every step.
        rounds_between=frozenset(
            {
                *("affine", "elu", "gelu", "hard_sigmoid", "leaky_relu", "mish", "prelu", "selu"),
                *("sigmoid", "silu", "softplus", "softsign", "tanh"),
            }
        ),
    )
