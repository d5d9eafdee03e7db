"""The half types computed in float32 and rounded once, as mixed precision does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def in_float32(tf: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose inputs of a half type are cast to float32, and its results back."""

    def wide(*inputs: Any, **options: Any) -> Any:
        dtype = inputs[0].dtype
        if dtype not in (tf.float16, tf.bfloat16):
            return function(*inputs, **options)
        floats = (None if t is None else tf.cast(t, tf.float32) for t in inputs)
        y = function(*floats, **options)
        return tuple(tf.cast(v, dtype) for v in y) if isinstance(y, tuple) else tf.cast(y, dtype)

    return wide
