"""Products of matrices, and the bias."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return products of matrices, and the bias."""
    jnp = modules.jax.numpy

    def dense(x: Any, w: Any, b: Any = None) -> Any:
        y = jnp.dot(x, w)
        return y if b is None else y + b

    every = {"bias_add": jnp.add, "dense": dense, "matmul": jnp.matmul}
    return Family(every, rounds_between=frozenset(every))
