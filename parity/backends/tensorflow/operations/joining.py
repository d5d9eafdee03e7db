"""Joining and taking apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return joining and taking apart."""

    def split(x: Any, parts: int | Sequence[int], axis: int = 0) -> Any:
        size = x.shape[axis]
        if isinstance(parts, int) and size % parts:
            # The first parts are longer by one; tf.split wants them of one size.
            parts = [size // parts + (i < size % parts) for i in range(parts)]
        return tuple(tf.split(x, parts, axis=axis))

    return Family(
        {
            "concat": lambda *xs, axis=0: tf.concat(xs, axis=axis),
            "split": split,
            "stack": lambda *xs, axis=0: tf.stack(xs, axis=axis),
            "unstack": lambda x, axis=0: tuple(tf.unstack(x, axis=axis)),
        }
    )
