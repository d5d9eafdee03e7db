"""The hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=True)
def tanh(x: Array, /) -> Array:
    """Return tanh(x), elementwise: x of any shape -> y of that shape and dtype.

    VJP: dx = dy (1 - y^2), from the result y.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.tanh(np.array([-1000.0, 0.5]))
    array([-1.        ,  0.46211716])
    """
    return np.tanh(x)


@tanh.shape_rule
def _(x: Shape) -> Shape:
    return x


@tanh.vjp_rule
def _(dy: Array, x: Array, *, y: Array) -> Cotangents:
    return (dy * (1 - y * y),)
