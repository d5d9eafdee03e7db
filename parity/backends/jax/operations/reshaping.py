"""Reshape, transpose, pad, slice and tile."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return the operations that move values."""
    jnp = modules.jax.numpy

    def pad(x: Any, pads: Any, mode: str = "constant", value: float = 0.0) -> Any:
        if not x.ndim:  # which jnp.pad refuses for want of widths
            return jnp.array(x)
        if mode == "constant":
            return jnp.pad(x, pads, constant_values=value)
        return jnp.pad(x, pads, mode=mode)

    def slices(x: Any, starts: Any, stops: Any, steps: Any = None) -> Any:
        steps = (None,) * len(starts) if steps is None else steps
        return x[tuple(map(slice, starts, stops, steps))]

    return Family(
        {
            "pad": pad,
            "reshape": jnp.reshape,
            "slice": slices,
            "tile": lambda x, repeats: jnp.tile(x, repeats),
            "transpose": jnp.transpose,
        },
        rounds_between=frozenset({"pad", "tile"}),
    )
