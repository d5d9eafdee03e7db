"""Elementwise division, with NumPy's broadcasting."""

from __future__ import annotations

from collections.abc import Collection

from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import broadcast_shapes, sum_to
from refnet.op import operation


@operation(analytic=True)
def divide(a: Array, b: Array, /) -> Array:
    """Return a / b, elementwise: a, b of shapes that broadcast -> y of the broadcast shape.

    A number over 0 is infinite, of the sign that IEEE 754 gives it, and 0 / 0 is NaN; NumPy warns
    of both (``numpy.errstate`` decides).

    VJP: da = dy / b and db = -dy (y / b), each summed over the axes along which its operand was
    stretched. y / b stays in range where a / b^2 would lose b^2 to overflow or underflow.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([3.0, 5.0]), np.array([2.0, 4.0])
    >>> rn.divide(a, b)
    array([1.5 , 1.25])
    >>> rn.divide.vjp(np.ones(2), a, b)
    (array([0.5 , 0.25]), array([-0.75  , -0.3125]))
    """
    return a / b


@divide.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("divide", a, b)


@divide.vjp_rule
def _(dy: Array, a: Array, b: Array, *, y: Array, wrt: Collection[str]) -> Cotangents:
    return (
        sum_to(dy / b, a.shape) if "a" in wrt else None,
        sum_to(-dy * (y / b), b.shape) if "b" in wrt else None,
    )
