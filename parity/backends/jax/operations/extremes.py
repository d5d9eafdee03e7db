"""The larger and the smaller, of two arrays and along axes, clip and where."""

from __future__ import annotations

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return the operations that choose among values."""
    jnp = modules.jax.numpy
    return Family(
        {
            "clip": lambda x, low=None, high=None: jnp.clip(x, low, high),
            "max": jnp.max,
            "maximum": jnp.maximum,
            "min": jnp.min,
            "minimum": jnp.minimum,
            "where": lambda condition, a, b: jnp.where(condition != 0, a, b),
        },
        rounds_between=frozenset({"max", "maximum", "min", "minimum", "where"}),
    )
