"""Elementwise arithmetic."""

from __future__ import annotations

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return elementwise arithmetic."""
    jnp = modules.jax.numpy
    return Family(
        {
            "add": jnp.add,
            "multiply": jnp.multiply,
            "square": jnp.square,
            "subtract": jnp.subtract,
        },
        # Each sums over what was broadcast in its VJP.
        rounds_between=frozenset({"add", "multiply", "subtract"}),
    )
