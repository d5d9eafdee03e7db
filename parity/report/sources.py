"""Where the bound of an operation, optimizer or initializer is stated, and in which words."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import NamedTuple

from parity.backends.refnet import RefnetAdapter
from parity.bounds import base, initializers
from parity.optimizers import LIMITS


class Source(NamedTuple):
    """A file that states a bound, and its docstring."""

    path: str
    words: str


def sources(op: str, regime: str) -> list[Source]:
    """Return what states the bound of cells of a regime; nothing for an operation unknown here.

    First the bound's own file, then those that it is built of. What every bound is built of,
    :data:`RULES`, is left out.

    Examples
    --------
    >>> [s.path for s in sources("conv2d", "typical")]
    ['parity/bounds/convolution.py', 'parity/bounds/windows.py']
    >>> [s.path for s in sources("adamw", "updates")]
    ['parity/bounds/adam.py', 'parity/bounds/running.py', 'parity/bounds/updates.py']
    """
    own = _stated_in(op, regime)
    return [_source(name) for name in dict.fromkeys((*own, *(u for m in own for u in _used(m))))]


def _stated_in(op: str, regime: str) -> list[str]:
    if regime == "moments":
        return [initializers.__name__]
    if regime == "updates":
        if op not in RefnetAdapter().optimizers():
            return []
        kind, _ = RefnetAdapter.optimizer_fields(op, {"lr": 0.1})
        return [LIMITS[kind].__module__]
    found = base.bounds().get(op)
    return [] if found is None else [found.vjp.__module__, found.forward.__module__]


def _used(module: str) -> list[str]:
    """Return the modules of bounds from which a module has what it is built of."""
    named = [
        value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
        for value in vars(sys.modules[module]).values()
    ]
    of_bounds = {n for n in named if isinstance(n, str) and n.startswith("parity.bounds.")}
    return sorted(of_bounds - {module, base.__name__})


def _source(module: str) -> Source:
    return Source(f"{module.replace('.', '/')}.py", sys.modules[module].__doc__ or "")


RULES = _source(base.__name__)
