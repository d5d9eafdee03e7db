"""The modules of JAX: imported by the adapter's constructor, and handed to what computes."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Modules(NamedTuple):
    """JAX and optax, which has JAX's losses and optimizers."""

    jax: Any
    optax: Any


def imported() -> Modules:
    """Return the modules.

    Raises
    ------
    ImportError
        If one of them is not installed.
    """
    import_module("jax.scipy.special")  # which jax does not import by itself
    return Modules(import_module("jax"), import_module("optax"))
