"""Elementwise add, subtract, multiply and square, with NumPy's broadcasting."""

from __future__ import annotations

from collections.abc import Collection

from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import broadcast_shapes, sum_to
from refnet.op import operation


@operation(analytic=True)
def add(a: Array, b: Array, /) -> Array:
    """Return a + b: a, b of shapes that broadcast -> y of the broadcast shape, dtype of a.

    VJP: da = dy and db = dy, each summed over the axes along which its operand was stretched.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.add(np.array([[1.0], [2.0]]), np.array([10.0, 20.0]))
    array([[11., 21.],
           [12., 22.]])
    """
    return a + b


@add.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("add", a, b)


@add.vjp_rule
def _(dy: Array, a: Array, b: Array, *, wrt: Collection[str]) -> Cotangents:
    da = sum_to(dy, a.shape) if "a" in wrt else None
    return da, sum_to(dy, b.shape) if "b" in wrt else None


@operation(analytic=True)
def subtract(a: Array, b: Array, /) -> Array:
    """Return a - b: a, b of shapes that broadcast -> y of the broadcast shape, dtype of a.

    VJP: da = dy and db = -dy, each summed over the axes along which its operand was stretched.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.subtract(np.array([3.0, 5.0]), np.array([1.0]))
    array([2., 4.])
    """
    return a - b


@subtract.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("subtract", a, b)


@subtract.vjp_rule
def _(dy: Array, a: Array, b: Array) -> Cotangents:
    return sum_to(dy, a.shape), sum_to(-dy, b.shape)


@operation(analytic=True)
def multiply(a: Array, b: Array, /) -> Array:
    """Return a b, elementwise: a, b of shapes that broadcast -> y of the broadcast shape.

    VJP: da = dy b and db = dy a, each summed over the axes along which its operand was stretched.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    >>> rn.multiply(a, b)
    array([10., 21.])
    >>> rn.multiply.vjp(np.ones(2), a, b)
    (array([5., 7.]), array([2., 3.]))
    """
    return a * b


@multiply.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("multiply", a, b)


@multiply.vjp_rule
def _(dy: Array, a: Array, b: Array) -> Cotangents:
    return sum_to(dy * b, a.shape), sum_to(dy * a, b.shape)


@operation(analytic=True)
def square(x: Array, /) -> Array:
    """Return x^2, elementwise: x of any shape -> y of that shape and dtype.

    VJP: dx = 2 x dy.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.square(np.array([-3.0, 0.5]))
    array([9.  , 0.25])
    """
    return x * x


@square.shape_rule
def _(x: Shape) -> Shape:
    return x


@square.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (dy * (x + x),)
