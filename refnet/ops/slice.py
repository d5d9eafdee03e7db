"""A part of an array, by positions along its axes."""

from __future__ import annotations

import builtins
from typing import Any, TypeAlias

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError, ShapeError
from refnet.op import operation

Entries: TypeAlias = tuple[int | None, ...]


@operation(analytic=True)
def slice(x: Array, /, *, starts: Entries, stops: Entries, steps: Entries | None = None) -> Array:
    """Return x[starts[0]:stops[0]:steps[0], ...], a slice of each leading axis; a copy.

    ``starts``, ``stops`` and ``steps`` have an entry for each of as many leading axes as they name;
    the other axes are whole. y is of the dtype of x.

    Entries are those of Python's slices: a negative start or stop counts from the end of the axis,
    one beyond either end stands for that end, and None for the end that the step begins or finishes
    at. A negative step goes backwards, from the start down to, but without, the stop. Steps are 1
    where they are None.

    VJP: dx is dy at the elements that were taken, 0 elsewhere.

    Raises
    ------
    ShapeError
        If there are more entries than x has axes.
    OptionError
        If the entries are no tuples of integers and None, not as many of each, or a step is 0.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> rn.slice(x, starts=(None, 1), stops=(1, None))
    array([[2., 3.]])
    >>> rn.slice(x, starts=(-1,), stops=(None,), steps=(-1,))
    array([[4., 5., 6.],
           [1., 2., 3.]])
    >>> rn.slice.vjp(np.array([[8.0, 9.0]]), x, starts=(1, 0), stops=(2, 3), steps=(1, 2))
    (array([[0., 0., 0.],
           [8., 0., 9.]]),)
    """
    return np.array(x[_index(starts, stops, steps)], order="C")  # a copy


@slice.shape_rule
def _(x: Shape, *, starts: Any, stops: Any, steps: Any) -> Shape:
    given = {"starts": starts, "stops": stops} | ({} if steps is None else {"steps": steps})
    for name, entries in given.items():
        _check_entries(name, entries)
    counts = [len(entries) for entries in given.values()]
    if len(set(counts)) > 1:
        raise OptionError(
            "slice",
            got=" and ".join(f"{n} {name}" for name, n in zip(given, counts, strict=True)),
            needs="as many of each",
            cause="Is a None left out where an axis is taken to its end?",
        )
    if counts[0] > len(x):
        raise ShapeError(
            "slice",
            got=f"{counts[0]} starts for an input of {len(x)} dimension(s)",
            needs=f"at most {len(x)}, one for each leading axis",
            cause="Is a batch dimension missing?",
        )
    taken = [
        len(range(*part.indices(n)))
        for part, n in zip(_index(starts, stops, steps)[:-1], x, strict=False)
    ]
    return (*taken, *x[counts[0] :])


@slice.vjp_rule
def _(dy: Array, x: Array, *, starts: Any, stops: Any, steps: Any) -> Cotangents:
    dx = np.zeros(x.shape, dy.dtype)
    dx[_index(starts, stops, steps)] = dy  # no element is taken twice
    return (dx,)


def _index(starts: Any, stops: Any, steps: Any) -> tuple[Any, ...]:
    """Return the slices, and an ellipsis, with which an array without axes stays one."""
    steps = (None,) * len(starts) if steps is None else steps
    return (*map(builtins.slice, starts, stops, steps), ...)


def _check_entries(name: str, entries: Any) -> None:
    if not isinstance(entries, tuple | list):
        raise OptionError(
            "slice",
            got=f"{name}={entries!r} of type {type(entries).__name__}",
            needs=f"{name} as a tuple, an integer or None for each leading axis",
            cause="Is a comma missing, as in (1,)?",
        )
    for n in entries:
        if n is not None and not checks.is_integer(n):
            raise OptionError(
                "slice",
                got=f"{n!r} of type {type(n).__name__} in {name}",
                needs="integers, or None",
                cause="Is a conversion with int() missing?",
            )
    if name == "steps" and 0 in entries:
        raise OptionError(
            "slice",
            got=f"steps={entries!r}",
            needs="steps other than 0",
            cause="A single element of an axis is start, start + 1 and reshape.",
        )
