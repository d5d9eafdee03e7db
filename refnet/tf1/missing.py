"""What a module of TensorFlow's names says to a name that it does not have."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from refnet.checks import nearest
from refnet.errors import UnknownNameError


def missing(module: str, names: Collection[str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module that has ``names``.

    Examples
    --------
    >>> missing("tf.nn", ["relu", "sigmoid"])("rellu")
    Traceback (most recent call last):
    refnet.errors.UnknownNameError: tf.nn: got the name 'rellu'; needs one of the 2 names that
        refnet.tf1 has there. Did you mean 'relu'?
    """

    def look_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownNameError(
            module,
            got=f"the name {name!r}",
            needs=f"one of the {len(names)} names that refnet.tf1 has there",
            cause=nearest(name, names),
        )

    return look_up
