"""Sums, means and variances."""

from __future__ import annotations

import math
from typing import Any

from parity.backends.family import Family
from parity.backends.tensorflow.halves import in_float32


def family(tf: Any) -> Family:
    """Return sums, means and variances."""

    def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        if not ddof:
            return tf.math.reduce_variance(x, axis=axis, keepdims=keepdims)
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        n = math.prod(x.shape[i] for i in axes)
        squares = tf.math.squared_difference(x, tf.reduce_mean(x, axis=axis, keepdims=True))
        return tf.reduce_sum(squares, axis=axis, keepdims=keepdims) / (n - ddof)

    # The half types' variance in float32: rounded in between, the differences from the mean are no
    # differences any more.
    every = {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "var": in_float32(tf, var)}
    return Family(every, rounds_between=frozenset({"mean", "sum"}))
