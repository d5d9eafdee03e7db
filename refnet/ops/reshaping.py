"""Reshape and transpose: the same elements under other indices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError, ShapeError
from refnet.op import operation


@operation(analytic=True)
def reshape(x: Array, /, *, shape: int | tuple[int, ...]) -> Array:
    """Return the elements of x, in row-major order, under ``shape``; a copy in the dtype of x.

    One length of ``shape`` may be -1: it is what the others leave. An int is a shape of one axis.
    Row-major order is that of the indices, however x lies in memory.

    VJP: dx = dy, under the shape of x.

    Raises
    ------
    ShapeError
        If the shape has another number of elements than x, or a -1 beside a 0 could be any length.
    OptionError
        If the shape holds anything but integers of at least -1, or more than one -1.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.reshape(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), shape=(3, -1))
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    return x.reshape(_sizes(shape)).copy()


@reshape.shape_rule
def _(x: Shape, *, shape: Any) -> Shape:
    if not isinstance(shape, tuple | list | int | np.integer):
        raise OptionError(
            "reshape",
            got=f"shape={shape!r}",
            needs="shape as an integer or a tuple of integers",
            cause="Was an array passed as shape?",
        )
    sizes = tuple([checks.count("reshape", "a length", n, low=-1) for n in _sizes(shape)])
    elements, known = math.prod(x), math.prod(n for n in sizes if n != -1)
    unknown = sizes.count(-1)
    if unknown > 1:
        raise OptionError(
            "reshape",
            got=f"shape={shape!r}",
            needs="at most one length of -1",
            cause="Only one length follows from the others.",
        )
    if unknown and known and elements % known == 0:
        return tuple(elements // known if n == -1 else n for n in sizes)
    if unknown or known != elements:
        raise ShapeError(
            "reshape",
            got=f"x of shape {x}, {elements} element(s), and shape={shape!r}",
            needs="a shape of as many elements"
            if known or not unknown
            else "a shape in which -1 can be one length only",
            cause="Is a batch dimension missing?"
            if known or not unknown
            else "Beside a length of 0 write the other lengths out.",
        )
    return sizes


@reshape.vjp_rule
def _(dy: Array, x: Array, *, shape: Any) -> Cotangents:
    return (dy.reshape(x.shape).copy(),)


@operation(analytic=True)
def transpose(x: Array, /, *, axes: tuple[int, ...] | None = None) -> Array:
    """Return x with its axes in the order ``axes``, reversed if None; a copy in the dtype of x.

    Axis i of y is axis ``axes[i]`` of x; negative numbers count from the last axis.

    VJP: dx = dy with the axes put back.

    Raises
    ------
    OptionError
        If axes does not name each axis of x once.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.transpose(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    array([[1., 4.],
           [2., 5.],
           [3., 6.]])
    >>> rn.transpose.shape((2, 3, 5, 7), axes=(0, 2, 3, 1))
    (2, 5, 7, 3)
    """
    return x.transpose(axes).copy()


@transpose.shape_rule
def _(x: Shape, *, axes: Any) -> Shape:
    return tuple(x[i] for i in _order(len(x), axes))


@transpose.vjp_rule
def _(dy: Array, x: Array, *, axes: Any) -> Cotangents:
    return (dy.transpose(np.argsort(_order(x.ndim, axes))).copy(),)


def _sizes(shape: Any) -> tuple[Any, ...]:
    return tuple(shape) if isinstance(shape, tuple | list) else (shape,)


def _order(ndim: int, axes: Any) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(ndim))[::-1]
    if not isinstance(axes, tuple | list):
        raise OptionError(
            "transpose",
            got=f"axes={axes!r} of type {type(axes).__name__}",
            needs=f"axes as a tuple of {ndim} integers, or None",
            cause="Was a single axis, or an array, passed as axes?",
        )
    order = tuple([checks.axis("transpose", i, ndim) for i in axes])
    if sorted(order) != list(range(ndim)):
        raise OptionError(
            "transpose",
            got=f"axes={axes!r} for an input of {ndim} dimension(s)",
            needs="each axis once",
            cause="Is an axis left out, such as the batch, or named twice?",
        )
    return order
