"""The unit step of the perceptron."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=False)
def step(x: Array, /) -> Array:
    """Return 1 where x > 0 and 0 where x <= 0: x of any shape -> y of that shape and dtype.

    The value at 0 is 0, as in the perceptron's rule; NaN stays NaN.

    VJP: dx = 0, the derivative wherever there is one.

    Raises
    ------
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.step(np.array([-0.5, 0.0, 2.0]))
    array([0., 0., 1.])
    """
    return np.asarray(np.heaviside(x, 0))


@step.shape_rule
def _(x: Shape) -> Shape:
    return x


@step.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (np.zeros_like(dy),)
