"""One of two values, by a condition."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import broadcast_shapes, sum_to
from refnet.op import operation


@operation(analytic=True, integer_inputs=("condition",), bools_too=True)
def where(condition: Array, a: Array, b: Array, /) -> Array:
    """Return a where the condition is true, or not 0, and b elsewhere, elementwise.

    condition of bools or integers, a, b of shapes that broadcast -> y of the broadcast shape, dtype
    of a. Values are copied: what is not taken, NaN too, has no part in y.

    VJP: da = dy where a was taken, +0 elsewhere, and db = dy where b was; each summed over the axes
    along which its operand was stretched. What is not taken, NaN too, has no part in them either.
    The cotangent of the condition is None.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the condition is of neither bools nor integers, or the dtypes of a and b differ or are no
        floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([1.0, np.nan, 3.0]), np.array([10.0])
    >>> rn.where(np.array([True, False, True]), a, b)
    array([ 1., 10.,  3.])
    >>> rn.where.vjp(np.array([4.0, 5.0, 6.0]), np.array([1, 0, 0]), a, b)
    (None, array([4., 0., 0.]), array([11.]))
    """
    return np.where(condition, a, b)


@where.shape_rule
def _(condition: Shape, a: Shape, b: Shape) -> Shape:
    both = broadcast_shapes("where", a, b)
    return broadcast_shapes("where", condition, both, ("condition", "a with b"))


@where.vjp_rule
def _(dy: Array, condition: Array, a: Array, b: Array, *, wrt: Collection[str]) -> Cotangents:
    return (
        None,
        sum_to(np.where(condition, dy, 0), a.shape) if "a" in wrt else None,
        sum_to(np.where(condition, 0, dy), b.shape) if "b" in wrt else None,
    )
