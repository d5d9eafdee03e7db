"""Reductions over chosen axes: the shape that they leave, and the way back to the full one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape


def as_axis(axis: Any) -> Any:
    """Return ``axis`` as NumPy takes it: a list becomes a tuple."""
    return tuple(axis) if isinstance(axis, list) else axis


def reduced_shape(op: str, x: Shape, axis: Any, keepdims: Any) -> Shape:
    """Return the shape that a reduction over ``axis`` leaves, or raise OptionError."""
    checks.flag(op, "keepdims", keepdims)
    gone = checks.axes(op, axis, len(x))
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def per_result(shape: Shape, axis: Any) -> int:
    """Return how many elements of an array of ``shape`` go into one result.

    Examples
    --------
    >>> per_result((4, 3, 2), (0, -1))
    8
    """
    return math.prod(shape[i] for i in checks.axes("per_result", axis, len(shape)))


def kept(a: Array, ndim: int, axis: Any, keepdims: bool) -> Array:
    """Return a reduction's result as a view with the reduced axes of length 1."""
    return a if keepdims else np.expand_dims(a, checks.axes("kept", axis, ndim))


def stretched(a: Array, shape: Shape, axis: Any, keepdims: bool) -> Array:
    """Return an array of a reduction's result's shape, repeated over the reduced axes; a copy."""
    return np.broadcast_to(kept(a, len(shape), axis, keepdims), shape).copy()
