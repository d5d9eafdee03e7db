"""The absolute value."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=False)
def abs(x: Array, /) -> Array:
    """Return |x|, elementwise: x of any shape -> y of that shape and dtype.

    Either zero gives +0; NaN stays NaN.

    VJP: dx = dy sign(x), with sign(0) = 0 for either zero and sign(NaN) = NaN. The derivative at
    the kink, 0, is a convention (PyTorch, TensorFlow and JAX share it). It is not analytic: complex
    numbers, whose modulus has no complex derivative, are refused.

    Raises
    ------
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([-1.5, 0.0, 2.0])
    >>> rn.abs(x)
    array([1.5, 0. , 2. ])
    >>> rn.abs.vjp(np.array([3.0, 4.0, 5.0]), x)
    (array([-3.,  0.,  5.]),)
    """
    return np.asarray(np.abs(x))


@abs.shape_rule
def _(x: Shape) -> Shape:
    return x


@abs.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (np.asarray(dy * np.sign(x)),)
