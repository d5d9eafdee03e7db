"""The larger and the smaller, of two arrays and along axes, and clip."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return the operations that choose among values."""

    def clip(x: Any, low: float | None = None, high: float | None = None) -> Any:
        if low is not None and high is not None:
            return tf.clip_by_value(x, low, high)
        return tf.minimum(x, high) if low is None else tf.maximum(x, low)

    return Family(
        {
            "clip": clip,
            "max": tf.reduce_max,
            "maximum": tf.maximum,
            "min": tf.reduce_min,
            "minimum": tf.minimum,
            "where": lambda condition, a, b: tf.where(tf.cast(condition, tf.bool), a, b),
        },
        rounds_between=frozenset({"max", "maximum", "min", "minimum", "where"}),
    )
