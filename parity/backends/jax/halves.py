"""What is computed in float32 for the half types, and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.jax.modules import Modules


def in_float32(modules: Modules, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes half types as float32, as mixed precision does in JAX."""
    jnp = modules.jax.numpy

    def wide(*inputs: Any, **options: Any) -> Any:
        dtype = inputs[0].dtype
        if dtype not in (jnp.float16, jnp.bfloat16):
            return function(*inputs, **options)
        y = function(*(None if a is None else a.astype(jnp.float32) for a in inputs), **options)
        return tuple(v.astype(dtype) for v in y) if isinstance(y, tuple) else y.astype(dtype)

    return wide
