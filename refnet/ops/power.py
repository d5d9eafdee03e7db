"""Elementwise powers, with NumPy's broadcasting."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import broadcast_shapes, sum_to
from refnet.op import operation


@operation(analytic=True)
def power(a: Array, b: Array, /) -> Array:
    """Return a^b, elementwise: a, b of shapes that broadcast -> y of the broadcast shape.

    As in IEEE 754-2019, section 9.2 (pow): a^0 and 1^b are 1 for every a and b, NaN included; a
    negative base has real powers for whole b and NaN otherwise; 0 to a negative power is infinite.
    NumPy warns of the latter two (``numpy.errstate`` decides). Analytic where a is positive, or
    where b is whole and not differentiated.

    VJP: da = dy b a^(b - 1), and 0 where b = 0, also at a = 0. db = dy y log(a), with two
    conventions that PyTorch shares: it is 0 where a = 0 and b >= 0 (at b = 0 the derivative from
    the right is -inf; JAX and TensorFlow have 0 there too), and NaN where a is negative, for a^b is
    not real on either side of a whole b (as in JAX; TensorFlow has 0). Each is summed over the axes
    along which its operand was stretched. Name a alone in ``wrt`` where b is a constant.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([4.0, -3.0, 0.0]), np.array([0.5, 2.0, 3.0])
    >>> rn.power(a, b)
    array([2., 9., 0.])
    >>> rn.power.vjp(np.ones(3), a, b)
    (array([ 0.25, -6.  ,  0.  ]), array([2.77258872,        nan, 0.        ]))
    """
    return np.asarray(np.power(a, b))


@power.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    return broadcast_shapes("power", a, b)


@power.vjp_rule
def _(dy: Array, a: Array, b: Array, *, y: Array, wrt: Collection[str]) -> Cotangents:
    da = db = None
    if "a" in wrt:
        # The 1 keeps a^(b - 1) finite where b = 0, so that b times it is 0, and nothing warns.
        slope = b * np.power(a, np.where(b == 0, 1, b) - 1)
        da = sum_to(dy * slope, a.shape)
    if "b" in wrt:
        log = np.asarray(np.log(np.where(a.real > 0, a, 1)))
        log[~(a.real > 0)] = np.nan
        log[a == 0] = -np.inf
        db = sum_to(dy * (y * np.where((a == 0) & (b.real >= 0), 0, log)), b.shape)
    return da, db
