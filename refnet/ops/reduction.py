"""Sum and mean over chosen axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.axes import as_axis, per_result, reduced_shape, stretched
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
    return np.asarray(np.sum(x, axis=as_axis(axis), keepdims=keepdims))


@sum.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return reduced_shape("sum", x, axis, keepdims)


@sum.vjp_rule
def _(dy: Array, x: Array, *, axis: Any, keepdims: bool) -> Cotangents:
    return (stretched(dy, x.shape, axis, keepdims),)


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
    total = np.sum(x, axis=as_axis(axis), keepdims=keepdims)
    return np.asarray(total / per_result(x.shape, axis))


@mean.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return reduced_shape("mean", x, axis, keepdims)


@mean.vjp_rule
def _(dy: Array, x: Array, *, axis: Any, keepdims: bool) -> Cotangents:
    return (stretched(dy / max(per_result(x.shape, axis), 1), x.shape, axis, keepdims),)
