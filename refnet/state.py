"""Values of a network by name: checked against what it needs before any of them is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import ArgumentError, RefnetError, StateError


def matched(op: str, needed: Mapping[str, Array], given: Mapping[str, Any]) -> dict[str, Array]:
    """Return copies of the ``given`` values in the order of ``needed``, or say all that is wrong.

    Parameters
    ----------
    op : str
        What the error names.
    needed : mapping
        An array of the right shape and dtype for every name.
    given : mapping
        The values by name.

    Raises
    ------
    StateError
        If names are missing or unexpected, values no arrays, or shapes or dtypes differ; it lists
        every one.
    ArgumentError
        If ``given`` is no mapping.

    Examples
    --------
    >>> import numpy as np
    >>> matched("net", {"w": np.zeros(2)}, {"w": np.ones(2)})
    {'w': array([1., 1.])}
    """
    if not isinstance(given, Mapping):
        raise ArgumentError(
            op,
            got=f"values of type {type(given).__name__}",
            needs="a mapping from names to arrays",
            cause="Is it the path of a file? That is for load().",
        )
    missing = [name for name in needed if name not in given]
    unexpected = [str(name) for name in given if name not in needed]
    arrays: dict[str, Array] = {}
    unreadable = []
    for name in needed:
        if name in given:
            try:
                arrays[name] = as_array(op, name, given[name])
            except RefnetError as error:
                unreadable.append(error.got)
    misshapen = [
        f"{name} {a.shape} for {needed[name].shape}"
        for name, a in arrays.items()
        if a.shape != needed[name].shape
    ]
    retyped = [
        f"{name} {a.dtype} for {needed[name].dtype}"
        for name, a in arrays.items()
        if a.dtype != needed[name].dtype
    ]
    found = {
        "missing": missing,
        "unexpected": unexpected,
        "unreadable": unreadable,
        "of another shape": misshapen,
        "of another dtype": retyped,
    }
    wrong = [f"{what}: {', '.join(entries)}" for what, entries in found.items() if entries]
    if wrong:
        raise StateError(
            op,
            got=f"values that do not match; {'; '.join(wrong)}",
            needs="one value for each name, of its shape and dtype",
            cause="Do they belong to another network, or to one of other sizes?",
        )
    return {name: a.copy() for name, a in arrays.items()}
