"""The affine activation and the identity."""

from __future__ import annotations

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=True)
def affine(x: Array, /, *, slope: float = 1.0, intercept: float = 0.0) -> Array:
    """Return slope x + intercept, elementwise: x of any shape -> y of that shape and dtype.

    The two numbers are float64's, rounded to the dtype that is computed in (float32 for float16).

    VJP: dx = slope dy.

    Raises
    ------
    OptionError
        If slope or intercept is not a finite number.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.affine(np.array([1.0, -2.0]), slope=3.0, intercept=0.5)
    array([ 3.5, -5.5])
    """
    return float(slope) * x + float(intercept)


@affine.shape_rule
def _(x: Shape, *, slope: float, intercept: float) -> Shape:
    checks.number("affine", "slope", slope)
    checks.number("affine", "intercept", intercept)
    return x


@affine.vjp_rule
def _(dy: Array, x: Array, *, slope: float, intercept: float) -> Cotangents:
    return (float(slope) * dy,)


@operation(analytic=True)
def identity(x: Array, /) -> Array:
    """Return a copy of x, of its shape and dtype.

    VJP: dx = dy, a copy too, so that no result shares memory with an argument.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.identity(np.array([1.0, -2.0]))
    array([ 1., -2.])
    """
    return x.copy()


@identity.shape_rule
def _(x: Shape) -> Shape:
    return x


@identity.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    return (dy.copy(),)
