"""One adapter per implementation: refnet, torch, tensorflow, jax, and a user's own."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path

from parity.backends.base import Adapter
from parity.errors import SelectionError
from refnet.checks import nearest

BUILT_IN = {
    "jax": "parity.backends.jax:JaxAdapter",
    "refnet": "parity.backends.refnet:RefnetAdapter",
    "tensorflow": "parity.backends.tensorflow:TensorflowAdapter",
    "torch": "parity.backends.torch:TorchAdapter",
}


class AbsentError(Exception):
    """An implementation that is not installed here; its cells are absent, not passed."""


@cache
def adapter(spec: str) -> Adapter:
    """Return the adapter of a built-in name or of ``package.module:Adapter``.

    Raises
    ------
    SelectionError
        If the name is unknown, or the module has no such adapter.
    AbsentError
        If what a built-in adapter needs is not installed.
    """
    if spec not in BUILT_IN and ":" not in spec:
        raise SelectionError(
            "adapter",
            got=f"the name {spec!r}",
            needs=f"one of {', '.join(BUILT_IN)}, or package.module:Adapter",
            cause=nearest(spec, BUILT_IN),
        )
    module_name, _, attribute = BUILT_IN.get(spec, spec).partition(":")
    here = str(Path.cwd())
    if here not in sys.path:  # a console script does not look in the current folder by itself
        sys.path.append(here)
    try:
        found = getattr(import_module(module_name), attribute)
        made = found() if isinstance(found, type) and issubclass(found, Adapter) else found
    except (Exception, SystemExit) as error:  # whatever somebody's module may raise
        if spec in BUILT_IN and isinstance(error, ImportError):
            raise AbsentError(f"{spec} cannot be imported: {error}") from error
        raise _refused(spec, f"{type(error).__name__}: {error}") from error
    if not isinstance(made, Adapter):
        what = "is another class" if isinstance(made, type) else f"is a {type(made).__name__}"
        raise _refused(spec, f"{attribute} {what}")
    return made


def name_of(spec: str) -> str:
    """Return the name of a spec's adapter; one that is absent goes by its spec."""
    try:
        return adapter(spec).name
    except AbsentError:
        return spec


def _refused(spec: str, what: str) -> SelectionError:
    return SelectionError(
        "adapter",
        got=f"{spec!r}, which gives no adapter ({what})",
        needs="package.module:Class, the class derived from parity.Adapter",
        cause="Is the module on the path, and the class spelt as in it?",
    )
