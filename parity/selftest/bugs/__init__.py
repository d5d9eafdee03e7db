"""The injected bugs, a file for each family of operations.

Each names a file, a text that occurs in it once, what the text becomes, and the cells that must
notice: `parity run` of that selection has to exit 1 and name the operation.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from parity.selftest.bug import Bug

BUGS: tuple[Bug, ...] = tuple(
    bug
    for module in iter_modules(__path__)
    for bug in import_module(f"{__name__}.{module.name}").BUGS
)
