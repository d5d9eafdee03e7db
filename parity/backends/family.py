"""Families of a framework's operations: one file each, with a function ``family(framework)``.

The framework is handed in, so that it is imported by its adapter alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, NamedTuple


class Family(NamedTuple):
    """Operations of one family, as functions of the framework's arrays.

    In the half types those in ``rounds_between`` are several kernels on the CPU, forward or
    backward, each of which rounds its result to the half type: such as the product and the sum of
    a VJP under broadcasting. All others accumulate in float32 and round once.
    """

    operations: Mapping[str, Callable[..., Any]]
    rounds_between: frozenset[str] = frozenset()


def operations_of(
    package: ModuleType, framework: Any
) -> tuple[dict[str, Callable[..., Any]], frozenset[str]]:
    """Return the operations of every family in a package, and which of them round in between."""
    every: dict[str, Callable[..., Any]] = {}
    rounds_between: frozenset[str] = frozenset()
    for module in iter_modules(package.__path__):
        family = import_module(f"{package.__name__}.{module.name}").family(framework)
        every |= family.operations
        rounds_between |= family.rounds_between
    return every, rounds_between
