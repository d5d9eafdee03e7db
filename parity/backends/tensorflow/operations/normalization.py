"""Normalisation and dropout."""

from __future__ import annotations

import math
from typing import Any

from parity.backends.family import Family
from parity.backends.tensorflow.halves import in_float32


def family(tf: Any) -> Family:
    """Return normalisation and dropout."""
    halves = (tf.float16, tf.bfloat16)

    def normalized(x: Any, axes: Any, eps: float) -> Any:
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + eps)

    def layer_norm(
        x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, eps: float = 1e-5
    ) -> Any:
        named = sorted(i % x.ndim for i in (axis if isinstance(axis, tuple) else (axis,)))
        shape = [x.shape[i] if i in named else 1 for i in range(x.ndim)]
        y = normalized(x, named, eps)
        y = y if gamma is None else y * tf.reshape(gamma, shape)
        return y if beta is None else y + tf.reshape(beta, shape)

    def group_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        groups: int = 1,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        channels = 1 if layout == "NCHW" else x.ndim - 1
        c = x.shape[channels]
        parts = [*x.shape[:channels], groups, c // groups, *x.shape[channels + 1 :]]
        axes = [i for i in range(1, len(parts)) if i != channels]
        y = tf.reshape(normalized(tf.reshape(x, parts), axes, eps), x.shape)
        shape = [c if i == channels else 1 for i in range(x.ndim)]
        y = y if gamma is None else y * tf.reshape(gamma, shape)
        return y if beta is None else y + tf.reshape(beta, shape)

    def fused(x: Any, gamma: Any, beta: Any, eps: float) -> Any:
        """Return batch norm by the kernel for images, whose parameters are float32."""
        c = x.shape[-1]
        gamma = tf.ones(c) if gamma is None else tf.cast(gamma, tf.float32)
        beta = tf.zeros(c) if beta is None else tf.cast(beta, tf.float32)
        # tf.compat.v1.nn.fused_batch_norm would raise eps to 1.001e-5.
        return tf.raw_ops.FusedBatchNormV3(
            x=x, scale=gamma, offset=beta, mean=[], variance=[], epsilon=eps, is_training=True
        ).y

    def batch_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        mean: Any = None,
        variance: Any = None,
        training: bool = True,
        momentum: float = 0.1,
        momentum_of: str = "new",
        unbiased: bool = True,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        dtype, rank = x.dtype, x.ndim
        first = [0, rank - 1, *range(1, rank - 1)]
        if layout == "NCHW":
            x = tf.transpose(x, [0, *range(2, rank), 1])
        own = training and rank == 4 and dtype != tf.float64 and math.prod(x.shape)
        y = fused(x, gamma, beta, eps) if own else None
        # Half types go through float32 as a whole, so that x's cotangents are added there.
        if dtype in halves:
            given = (x, gamma, beta, mean, variance)
            x, gamma, beta, mean, variance = (
                None if t is None else tf.cast(t, tf.float32) for t in given
            )
        found, seen = tf.nn.moments(x, list(range(rank - 1))) if training else (mean, variance)
        if y is None:
            y = tf.cast(tf.nn.batch_normalization(x, found, seen, beta, gamma, eps), dtype)
        y = tf.transpose(y, first) if layout == "NCHW" else y
        if mean is None or not training:
            return y
        new, old = (1 - momentum, momentum) if momentum_of == "old" else (momentum, 1 - momentum)
        n = math.prod(x.shape[:-1])
        seen = seen * (n / (n - 1)) if unbiased else seen
        moved = (old * mean + new * found, old * variance + new * seen)
        return (y, *(tf.cast(v, dtype) for v in moved))

    def dropout(
        x: Any,
        mask: Any = None,
        rate: float = 0.0,
        scale: str = "inverted",
        training: bool = True,
    ) -> Any:
        # tf.nn.dropout draws its own mask; this is what it does with it.
        match (scale, training):
            case ("inverted", True):
                return x * (mask / (1 - rate))
            case ("at_test", True):
                return x * mask
            case ("at_test", False):
                return x * (1 - rate)
            case _:
                return tf.identity(x)

    return Family(
        {
            "batch_norm": batch_norm,
            "dropout": dropout,
            "group_norm": in_float32(tf, group_norm),
            "layer_norm": in_float32(tf, layer_norm),
        },
        rounds_between=frozenset({"batch_norm", "dropout"}),
    )
