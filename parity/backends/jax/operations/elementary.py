"""Elementary functions, quotients and powers."""

from __future__ import annotations

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return elementary functions, quotients and powers."""
    jnp = modules.jax.numpy
    return Family(
        {
            "abs": jnp.abs,
            "cos": jnp.cos,
            "divide": jnp.divide,
            "exp": jnp.exp,
            "log": jnp.log,
            "power": jnp.power,
            "sin": jnp.sin,
            "sqrt": jnp.sqrt,
        },
        rounds_between=frozenset({"cos", "divide", "exp", "power", "sin", "sqrt"}),
    )
