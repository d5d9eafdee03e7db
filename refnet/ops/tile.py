"""Copies of an array side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError, ShapeError
from refnet.op import operation


@operation(analytic=True)
def tile(x: Array, /, *, repeats: int | tuple[int, ...]) -> Array:
    """Return copies of x side by side, ``repeats[i]`` of them along axis i, in the dtype of x.

    x (n, ...) -> y (repeats[0] n, ...). There is a number for each axis, as in TensorFlow (NumPy
    and PyTorch take missing ones for 1, from the first axis on); an int is that of a vector. 0
    copies leave nothing.

    VJP: each element of dx is the sum of dy over its copies; the half types sum in float32.

    Raises
    ------
    ShapeError
        If repeats has not one number for each axis.
    OptionError
        If repeats holds anything but integers of at least 0.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> rn.tile(x, repeats=(1, 2))
    array([[1., 2., 1., 2.],
           [3., 4., 3., 4.]])
    >>> rn.tile.vjp(np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), x, repeats=(1, 2))
    (array([[ 4.,  6.],
           [12., 14.]]),)
    """
    return np.tile(x, _counts(repeats))


@tile.shape_rule
def _(x: Shape, *, repeats: Any) -> Shape:
    if not isinstance(repeats, tuple | list | int | np.integer):
        raise OptionError(
            "tile",
            got=f"repeats={repeats!r} of type {type(repeats).__name__}",
            needs="repeats as a tuple, an integer for each axis",
            cause="Was an array passed as repeats?",
        )
    counts = [checks.count("tile", "repeats", n) for n in _counts(repeats)]
    if len(counts) != len(x):
        raise ShapeError(
            "tile",
            got=f"repeats={repeats!r} for an input of {len(x)} dimension(s)",
            needs="a number for each axis",
            cause="An axis that is not repeated has the number 1, the batch too.",
        )
    return tuple(r * n for r, n in zip(counts, x, strict=True))


@tile.vjp_rule
def _(dy: Array, x: Array, *, repeats: Any) -> Cotangents:
    # Each axis of y as two: the copies, and the places in each of them.
    apart = dy.reshape([n for pair in zip(_counts(repeats), x.shape, strict=True) for n in pair])
    return (np.asarray(np.add.reduce(apart, axis=tuple(range(0, 2 * x.ndim, 2)))),)


def _counts(repeats: Any) -> tuple[Any, ...]:
    return tuple(repeats) if isinstance(repeats, tuple | list) else (repeats,)
