"""Joining and taking apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return joining and taking apart."""
    jnp = modules.jax.numpy

    def split(x: Any, parts: int | Sequence[int], axis: int = 0) -> Any:
        if isinstance(parts, int):
            return tuple(jnp.array_split(x, parts, axis=axis))
        return tuple(jnp.split(x, list(accumulate(parts))[:-1], axis=axis))

    def unstack(x: Any, axis: int = 0) -> Any:
        return tuple(jnp.moveaxis(x, axis, 0))

    return Family(
        {
            "concat": lambda *xs, axis=0: jnp.concatenate(xs, axis=axis),
            "split": split,
            "stack": lambda *xs, axis=0: jnp.stack(xs, axis=axis),
            "unstack": unstack,
        }
    )
