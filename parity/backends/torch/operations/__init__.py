"""PyTorch's operations under refnet's names: its own, or composed of its primitives.

Each file is a family with a function ``family(torch)``, so that torch is imported by the adapter
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def operations(torch: Any) -> tuple[dict[str, Callable[..., Any]], frozenset[str]]:
    """Return every family's operations, and the names of those that round in between."""
    every: dict[str, Callable[..., Any]] = {}
    rounds_between: frozenset[str] = frozenset()
    for module in iter_modules(__path__):
        if module.name != "base":
            family = import_module(f"{__name__}.{module.name}").family(torch)
            every |= family.operations
            rounds_between |= family.rounds_between
    return every, rounds_between
