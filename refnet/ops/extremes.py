"""The larger and the smaller: of two arrays, and along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.axes import as_axis, kept, per_result, reduced_shape
from refnet.broadcasting import broadcast_shapes, sum_to
from refnet.errors import ShapeError
from refnet.op import operation


@operation(analytic=False)
def maximum(a: Array, b: Array, /) -> Array:
    """Return the larger of a and b, elementwise: shapes that broadcast -> the broadcast shape.

    As IEEE 754-2019's maximum: NaN where either is NaN, and -0 is smaller than +0 on every CPU.

    VJP: da = dy where a > b, 0 where a < b; likewise db. At a tie, the two zeros included, each
    takes half, a convention of PyTorch and JAX (TensorFlow gives all to a). Where either is NaN,
    both take dy, as in PyTorch. Each is summed over the axes along which its operand was stretched.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no real floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    >>> rn.maximum(a, b)
    array([3., 2., 3.])
    >>> rn.maximum.vjp(np.ones(3), a, b)
    (array([0. , 0.5, 1. ]), array([1. , 0.5, 0. ]))
    """
    y = np.asarray(np.maximum(a, b))
    # Which of two zeros NumPy returns depends on the CPU.
    zeros = (a == 0) & (b == 0)
    return np.where(zeros & ~(np.signbit(a) & np.signbit(b)), 0, y) if zeros.any() else y


@maximum.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("maximum", a, b)


@maximum.vjp_rule
def _(dy: Array, a: Array, b: Array) -> Cotangents:
    return _shared(dy, a, b, a < b, a > b)


@operation(analytic=False)
def minimum(a: Array, b: Array, /) -> Array:
    """Return the smaller of a and b, elementwise: shapes that broadcast -> the broadcast shape.

    As IEEE 754-2019's minimum: NaN where either is NaN, and -0 is smaller than +0 on every CPU.

    VJP: da = dy where a < b, 0 where a > b; likewise db. At a tie, the two zeros included, each
    takes half, a convention of PyTorch and JAX (TensorFlow gives all to a). Where either is NaN,
    both take dy, as in PyTorch. Each is summed over the axes along which its operand was stretched.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no real floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    >>> rn.minimum(a, b)
    array([1., 2., 1.])
    >>> rn.minimum.vjp(np.ones(3), a, b)
    (array([1. , 0.5, 0. ]), array([0. , 0.5, 1. ]))
    """
    y = np.asarray(np.minimum(a, b))
    zeros = (a == 0) & (b == 0)
    return np.where(zeros & (np.signbit(a) | np.signbit(b)), -0.0, y) if zeros.any() else y


@minimum.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("minimum", a, b)


@minimum.vjp_rule
def _(dy: Array, a: Array, b: Array) -> Cotangents:
    return _shared(dy, a, b, a > b, a < b)


@operation(analytic=False)
def max(x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """Return the largest element of x along ``axis`` (all axes if None), in the dtype of x.

    x of any shape -> y without the reduced axes, or with them of length 1 if ``keepdims``. NaN
    where there is one among the elements; -0 is smaller than +0 on every CPU.

    VJP: dy is shared evenly among the elements that attain the maximum, the two zeros alike, and
    the others take 0: the convention of PyTorch's amax, of JAX and of TensorFlow's reduce_max
    (PyTorch's max along an axis gives all to one element). Where y is NaN, so is dx, for all
    elements, as PyTorch has it.

    Raises
    ------
    ShapeError
        If there is no element to choose: the maximum over nothing does not exist.
    OptionError
        If an axis does not exist, is named twice or is no integer, or keepdims is no bool.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 4.0, 2.0], [3.0, 0.0, 3.0]])
    >>> rn.max(x, axis=1)
    array([4., 3.])
    >>> rn.max.vjp(np.array([1.0, 1.0]), x, axis=1)
    (array([[0. , 1. , 0. ],
           [0.5, 0. , 0.5]]),)
    """
    axis = as_axis(axis)
    y = np.asarray(np.max(x, axis=axis, keepdims=keepdims))
    if not (y == 0).any():
        return y
    positive = ((x == 0) & ~np.signbit(x)).any(axis=axis, keepdims=keepdims)
    return np.where((y == 0) & positive, 0, y)


@max.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return _chosen("max", x, axis, keepdims)


@max.vjp_rule
def _(dy: Array, x: Array, *, y: Array, axis: Any, keepdims: bool) -> Cotangents:
    return (_shared_evenly(dy, x, y, axis, keepdims),)


@operation(analytic=False)
def min(x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """Return the smallest element of x along ``axis`` (all axes if None), in the dtype of x.

    x of any shape -> y without the reduced axes, or with them of length 1 if ``keepdims``. NaN
    where there is one among the elements; -0 is smaller than +0 on every CPU.

    VJP: dy is shared evenly among the elements that attain the minimum, the two zeros alike, and
    the others take 0: the convention of PyTorch's amin, of JAX and of TensorFlow's reduce_min
    (PyTorch's min along an axis gives all to one element). Where y is NaN, so is dx, for all
    elements, as PyTorch has it.

    Raises
    ------
    ShapeError
        If there is no element to choose: the minimum over nothing does not exist.
    OptionError
        If an axis does not exist, is named twice or is no integer, or keepdims is no bool.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.min(np.array([[1.0, 4.0], [3.0, 0.0]]), axis=0, keepdims=True)
    array([[1., 0.]])
    """
    axis = as_axis(axis)
    y = np.asarray(np.min(x, axis=axis, keepdims=keepdims))
    if not (y == 0).any():
        return y
    negative = ((x == 0) & np.signbit(x)).any(axis=axis, keepdims=keepdims)
    return np.where((y == 0) & negative, -0.0, y)


@min.shape_rule
def _(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return _chosen("min", x, axis, keepdims)


@min.vjp_rule
def _(dy: Array, x: Array, *, y: Array, axis: Any, keepdims: bool) -> Cotangents:
    return (_shared_evenly(dy, x, y, axis, keepdims),)


def _shared(dy: Array, a: Array, b: Array, not_a: Array, not_b: Array) -> Cotangents:
    taken = np.where(a == b, dy / 2, dy)
    return (
        sum_to(np.where(not_a, 0, taken), a.shape),
        sum_to(np.where(not_b, 0, taken), b.shape),
    )


def _chosen(op: str, x: Shape, axis: Any, keepdims: Any) -> Shape:
    shape = reduced_shape(op, x, axis, keepdims)
    if per_result(x, axis) == 0:
        raise ShapeError(
            op,
            got=f"x of shape {x} and axis={axis}",
            needs="at least one element for each result",
            cause="Is a batch or a selection empty?",
        )
    return shape


def _shared_evenly(dy: Array, x: Array, y: Array, axis: Any, keepdims: bool) -> Array:
    dy, y = kept(dy, x.ndim, axis, keepdims), kept(y, x.ndim, axis, keepdims)
    attained = x == y
    n = attained.sum(axis=as_axis(axis), keepdims=True)
    # n is 0 where y is NaN, which is equal to nothing.
    share = np.where(n == 0, np.nan, dy / np.maximum(n, 1).astype(x.dtype))
    return np.where(attained | (n == 0), share, 0)
