"""The modules of JAX: imported by the adapter's constructor, and handed to what computes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Modules(NamedTuple):
    """JAX and optax, which has JAX's losses and optimizers."""

    jax: Any
    optax: Any
