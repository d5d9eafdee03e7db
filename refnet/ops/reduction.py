"""Sum and mean over chosen axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=True)
def sum(x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """Return the sum of x over ``axis`` (all axes if None), in the dtype of x.

    x of any shape -> y without the summed axes, or with them of length 1 if ``keepdims``. The sum
    over no elements is 0. float16 accumulates in float32.

    VJP: dx = dy, stretched over the summed axes.

    Raises
    ------
    OptionError
        If an axis does not exist, is named twice or is no integer, or keepdims is no bool.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """
    return np.asarray(np.sum(x, axis=_axes(axis), keepdims=keepdims))


@sum.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return _reduced("sum", x, axis, keepdims)


@sum.vjp_rule
def _(dy: Array, x: Array, *, axis: Any, keepdims: bool) -> Cotangents:
    return (_stretched(dy, x.shape, axis, keepdims),)


@operation(analytic=True)
def mean(
    x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Array:
    """Return the mean of x over ``axis`` (all axes if None), in the dtype of x.

    x of any shape -> y without the averaged axes, or with them of length 1 if ``keepdims``. The
    mean over no elements is NaN. float16 accumulates in float32.

    VJP: dx = dy / n, stretched over the averaged axes, n elements to a mean.

    Raises
    ------
    OptionError
        If an axis does not exist, is named twice or is no integer, or keepdims is no bool.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.mean(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1, keepdims=True)
    array([[1.5],
           [3.5]])
    """
    total = np.sum(x, axis=_axes(axis), keepdims=keepdims)
    return np.asarray(total / _per_result(x.shape, axis))


@mean.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return _reduced("mean", x, axis, keepdims)


@mean.vjp_rule
def _(dy: Array, x: Array, *, axis: Any, keepdims: bool) -> Cotangents:
    return (_stretched(dy / _per_result(x.shape, axis), x.shape, axis, keepdims),)


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _reduced(op: str, x: Shape, axis: Any, keepdims: Any) -> Shape:
    checks.flag(op, "keepdims", keepdims)
    gone = checks.axes(op, axis, len(x))
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def _per_result(shape: Shape, axis: Any) -> int:
    return math.prod(shape[i] for i in checks.axes("mean", axis, len(shape)))


def _stretched(dy: Array, shape: Shape, axis: Any, keepdims: bool) -> Array:
    if not keepdims:
        dy = np.expand_dims(dy, checks.axes("sum", axis, len(shape)))
    return np.broadcast_to(dy, shape).copy()
