"""Exponential, logarithm, square root, sine and cosine."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=True)
def exp(x: Array, /) -> Array:
    """Return e^x, elementwise: x of any shape -> y of that shape and dtype.

    Where e^x is too large for the dtype, y is inf and NumPy warns of the overflow
    (``numpy.errstate`` decides); too small a value is subnormal or 0, silently.

    VJP: dx = dy y.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.exp(np.array([-1.0, 0.0, 1.0, -np.inf]))
    array([0.36787944, 1.        , 2.71828183, 0.        ])
    """
    return np.asarray(np.exp(x))


@exp.shape_rule
def _(x: Shape) -> Shape:
    return x


@exp.vjp_rule
def _(dy: Array, x: Array, *, y: Array) -> Cotangents:
    return (dy * y,)


@operation(analytic=True)
def log(x: Array, /) -> Array:
    """Return the natural logarithm, elementwise: x of any shape -> y of that shape and dtype.

    As in IEEE 754-2019, section 9.2, log(0) is -inf for either zero and the logarithm of a
    negative number is NaN; NumPy warns of both (``numpy.errstate`` decides). Complex x have the
    principal logarithm.

    VJP: dx = dy / x: infinite at 0, with the sign of dy and of that zero. Where x is negative it is
    dy / x too, though y is NaN (PyTorch and JAX do the same).

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.log(np.array([1.0, 10.0, np.inf]))
    array([0.        , 2.30258509,        inf])
    >>> rn.log.vjp(np.ones(2), np.array([0.5, 4.0]))
    (array([2.  , 0.25]),)
    """
    return np.asarray(np.log(x))


@log.shape_rule
def _(x: Shape) -> Shape:
    return x


@log.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (dy / x,)


@operation(analytic=True)
def sqrt(x: Array, /) -> Array:
    """Return the square root, elementwise: x of any shape -> y of that shape and dtype.

    Correctly rounded; as in IEEE 754-2019, sqrt(-0) is -0 and the root of a negative number is NaN,
    of which NumPy warns (``numpy.errstate`` decides). Complex x have the principal root.

    VJP: dx = dy / (2 y): infinite at 0, with the sign of dy and of that zero.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.sqrt(np.array([0.0, 2.0, 9.0]))
    array([0.        , 1.41421356, 3.        ])
    >>> rn.sqrt.vjp(np.ones(2), np.array([0.25, 4.0]))
    (array([1.  , 0.25]),)
    """
    return np.asarray(np.sqrt(x))


@sqrt.shape_rule
def _(x: Shape) -> Shape:
    return x


@sqrt.vjp_rule
def _(dy: Array, x: Array, *, y: Array) -> Cotangents:
    return (dy / (y + y),)


@operation(analytic=True)
def sin(x: Array, /) -> Array:
    """Return the sine, elementwise: x of any shape, in radians -> y of that shape and dtype.

    Huge arguments are reduced by as many digits of pi as that takes: a result is as accurate as any
    other, relative to itself, also next to the multiples of pi. sin(-0) is -0; the sine of an
    infinity is NaN, of which NumPy warns (``numpy.errstate`` decides).

    VJP: dx = dy cos(x).

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.sin(np.array([-0.5, 0.0, np.pi / 6, 1e22]))
    array([-0.47942554,  0.        ,  0.5       , -0.85220085])
    """
    return np.asarray(np.sin(x))


@sin.shape_rule
def _(x: Shape) -> Shape:
    return x


@sin.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (dy * np.cos(x),)


@operation(analytic=True)
def cos(x: Array, /) -> Array:
    """Return the cosine, elementwise: x of any shape, in radians -> y of that shape and dtype.

    Huge arguments are reduced by as many digits of pi as that takes, as for :func:`sin`. The cosine
    of an infinity is NaN, of which NumPy warns (``numpy.errstate`` decides).

    VJP: dx = -dy sin(x).

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.cos(np.array([-0.5, 0.0, np.pi / 3, 1e22]))
    array([0.87758256, 1.        , 0.5       , 0.52321479])
    >>> rn.cos.vjp(np.ones(2), np.array([0.5, -0.5]))
    (array([-0.47942554,  0.47942554]),)
    """
    return np.asarray(np.cos(x))


@cos.shape_rule
def _(x: Shape) -> Shape:
    return x


@cos.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (-dy * np.sin(x),)
