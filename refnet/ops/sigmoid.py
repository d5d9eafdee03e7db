"""The logistic sigmoid."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=True)
def sigmoid(x: Array, /) -> Array:
    """Return 1 / (1 + exp(-x)), elementwise: x of any shape -> y of that shape and dtype.

    Evaluated from exp(-|x|), which never overflows: 1 / (1 + exp(-x)) for x >= 0, the same times
    exp(x) below. So the result keeps its relative accuracy down to the subnormal numbers.

    VJP: dx = dy y (1 - y), from the result y.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.sigmoid(np.array([-1000.0, -40.0, 0.0, 1000.0]))
    array([0.00000000e+00, 4.24835426e-18, 5.00000000e-01, 1.00000000e+00])
    """
    return sigmoid_of(x)


@sigmoid.shape_rule
def _(x: Shape) -> Shape:
    return x


@sigmoid.vjp_rule
def _(dy: Array, x: Array, *, y: Array) -> Cotangents:
    dx = 1 - y
    dx *= y
    dx *= dy
    return (dx,)


def sigmoid_of(x: Array) -> Array:
    """Return the sigmoid, for operations built from it; a new array."""
    if x.dtype.kind == "c":
        right = x.real >= 0
        z = np.exp(np.where(right, -x, x))
        return np.asarray(np.where(right, 1, z) / (1 + z))
    z = np.asarray(np.abs(x))
    np.exp(np.negative(z, out=z), out=z)
    below = z + 1
    np.maximum(z, x >= 0, out=z)  # z <= 1, so this is 1 on the right and z on the left
    z /= below
    return z
