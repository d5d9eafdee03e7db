"""Padding: a border around an array, and its adjoint."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError, ShapeError
from refnet.op import operation

Pads: TypeAlias = int | tuple[tuple[int, int], ...]
MODES = ("constant", "edge", "reflect")


@operation(analytic=True)
def pad(x: Array, /, *, pads: Pads, mode: str = "constant", value: float = 0.0) -> Array:
    """Return x with ``pads`` elements more at the ends of each axis, in the dtype of x.

    ``pads`` is a pair (before, after) for each axis, or one int for all of them. ``mode`` says what
    the new elements are: "constant", ``value``, rounded to the dtype of x; "edge", the outermost
    element (PyTorch's replicate); "reflect", the elements mirrored at the outermost one, which is
    not repeated, so that an axis of n elements takes up to n - 1 at each end. Axes are padded one
    after the other: a corner is a copy of copies.

    VJP: dx is dy without the border, to which "edge" and "reflect" add what the copies have.

    Raises
    ------
    ShapeError
        If pads has not one pair for each axis, or an axis is too short to be copied from.
    OptionError
        If pads holds anything but integers of at least 0, mode is another name, value
        is no finite number, or is given for another mode than "constant".
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> rn.pad(x, pads=((2, 1),), value=9.0)
    array([9., 9., 1., 2., 3., 9.])
    >>> rn.pad(x, pads=((2, 1),), mode="reflect")
    array([3., 2., 1., 2., 3., 2.])
    >>> rn.pad.vjp(np.ones(6), x, pads=((2, 1),), mode="edge")
    (array([3., 1., 2.]),)
    """
    widths = _widths(x.ndim, pads)
    if not widths:
        return x.copy()
    if mode != "constant":
        return np.pad(x, widths, mode=mode)  # type: ignore[call-overload, no-any-return]
    with np.errstate(over="ignore"):  # a value beyond the dtype is infinite
        return np.pad(x, widths, constant_values=x.dtype.type(value))


@pad.shape_rule
def _(x: Shape, *, pads: Any, mode: Any, value: Any) -> Shape:
    checks.choice("pad", "mode", mode, MODES)
    if checks.number("pad", "value", value) != 0 and mode != "constant":
        raise OptionError(
            "pad",
            got=f"value={value!r} beside mode={mode!r}",
            needs="a value for mode='constant' alone",
            cause="The other modes copy elements of x.",
        )
    widths = _widths(len(x), pads)
    for i, (n, ends) in enumerate(zip(x, widths, strict=True)):
        if mode == "edge" and n == 0 and ends != (0, 0):
            _refuse(x, i, ends, mode, "at least one element to repeat")
        if mode == "reflect" and any(p >= n for p in ends if p):
            _refuse(x, i, ends, mode, f"pads of at most n - 1 = {n - 1} at an axis of n elements")
    return tuple(n + sum(ends) for n, ends in zip(x, widths, strict=True))


@pad.vjp_rule
def _(dy: Array, x: Array, *, pads: Any, mode: str, value: float) -> Cotangents:
    dx = dy
    for axis, (n, ends) in enumerate(zip(x.shape, _widths(x.ndim, pads), strict=True)):
        dx = _folded(dx, axis, n, ends, mode)
    return (dx.copy(),)


def _folded(dy: Array, axis: int, n: int, ends: tuple[int, int], mode: str) -> Array:
    """Return the cotangent before the padding of one axis: the border cut off and added back."""
    before, after = ends
    if not before + after:
        return dy
    moved = np.moveaxis(dy, axis, 0)
    left, right = moved[:before], moved[before + n :]
    dx = moved[before : before + n].copy()
    match mode:
        case "edge":
            dx[0] += left.sum(axis=0)
            dx[-1] += right.sum(axis=0)
        case "reflect":
            dx[1 : before + 1] += left[::-1]
            dx[n - 1 - after : n - 1] += right[::-1]
    return np.moveaxis(dx, 0, axis)


def _refuse(x: Shape, axis: int, ends: tuple[int, int], mode: str, needs: str) -> None:
    raise ShapeError(
        "pad",
        got=f"pads of {ends} at axis {axis} of x of shape {x}, mode={mode!r}",
        needs=needs,
        cause="Does the pair belong to another axis?",
    )


def _widths(ndim: int, pads: Any) -> tuple[tuple[int, int], ...]:
    """Return a pair (before, after) for each axis, or say what is wrong with ``pads``."""
    if not isinstance(pads, tuple | list):
        both = checks.count("pad", "pads", pads)
        return ((both, both),) * ndim
    if not all(isinstance(p, tuple | list) and len(p) == 2 for p in pads):
        raise OptionError(
            "pad",
            got=f"pads={pads!r}",
            needs="pads as an integer or a pair (before, after) for each axis",
            cause="Is one pair of parentheses missing, as in ((1, 2),)?",
        )
    if len(pads) != ndim:
        raise ShapeError(
            "pad",
            got=f"{len(pads)} pair(s) of pads for an input of {ndim} dimension(s)",
            needs="a pair (before, after) for each axis",
            cause="Axes that are not padded have the pair (0, 0), the batch too.",
        )
    return tuple(
        (checks.count("pad", "pads", before), checks.count("pad", "pads", after))
        for before, after in pads
    )
