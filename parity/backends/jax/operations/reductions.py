"""Sums, means and variances."""

from __future__ import annotations

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return sums, means and variances."""
    jnp = modules.jax.numpy
    return Family(
        {"mean": jnp.mean, "sum": jnp.sum, "var": jnp.var}, rounds_between=frozenset({"var"})
    )
