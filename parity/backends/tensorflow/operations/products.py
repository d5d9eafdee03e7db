"""Products of matrices, and the bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return products of matrices, and the bias."""

    def bias_add(x: Any, b: Any) -> Any:
        return tf.nn.bias_add(x, b) if x.ndim > 1 else x + b

    def matmul(a: Any, b: Any) -> Any:
        # tf.matmul takes no vectors: they are a row and a column.
        row = a[None] if a.ndim == 1 else a
        column = b[:, None] if b.ndim == 1 else b
        y = tf.matmul(row, column)
        y = tf.squeeze(y, -1) if b.ndim == 1 else y
        return tf.squeeze(y, -1 if b.ndim == 1 else -2) if a.ndim == 1 else y

    def dense(x: Any, w: Any, b: Any) -> Any:
        # One product of matrices, whatever axes the samples have.
        rows = tf.matmul(tf.reshape(x, (-1, w.shape[0])), w) if x.ndim != 2 else tf.matmul(x, w)
        y = rows if b is None else tf.nn.bias_add(rows, b)
        return y if x.ndim == 2 else tf.reshape(y, (*x.shape[:-1], w.shape[1]))

    every: dict[str, Callable[..., Any]] = {"bias_add": bias_add, "dense": dense, "matmul": matmul}
    return Family(every, rounds_between=frozenset(every))
