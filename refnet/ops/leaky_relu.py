"""Rectified linear units that keep a slope below 0: a given one (leaky), or a learned one."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import sum_to
from refnet.errors import ShapeError
from refnet.op import operation


@operation(analytic=False)
def leaky_relu(x: Array, /, *, slope: float = 0.01) -> Array:
    """Return x where x > 0 and slope x elsewhere: x of any shape -> y of that shape and dtype.

    Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models". The
    slope is float64's, rounded to the dtype that is computed in.

    VJP: dx = dy where x > 0, slope dy elsewhere. The derivative at the kink, slope, is a convention
    (PyTorch's). NaN stays NaN and takes the slope; zeros keep their sign if the slope is positive.

    Raises
    ------
    OptionError
        If the slope is not a finite number.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.leaky_relu(np.array([-2.0, 0.0, 3.0]), slope=0.25)
    array([-0.5,  0. ,  3. ])
    """
    return _sloped(x, x, slope)


@leaky_relu.shape_rule
def _(x: Shape, *, slope: float) -> Shape:
    checks.number("leaky_relu", "slope", slope)
    return x


@leaky_relu.vjp_rule
def _(dy: Array, x: Array, *, slope: float) -> Cotangents:
    return (_sloped(dy, x, slope),)


@operation(analytic=False)
def prelu(x: Array, a: Array, /) -> Array:
    """Return x where x > 0 and a x elsewhere: x (..., C), a (C,) -> y of x's shape and dtype.

    He et al. 2015, "Delving deep into rectifiers". The slopes are learned, one per channel. a may
    be of any shape that broadcasts to that of x, as ONNX has it: (C, 1, 1) for x (N, C, H, W),
    where PyTorch has (C,); the shape of one sample (Keras's default); (1,) or () for one slope.

    VJP: dx = dy where x > 0, a dy elsewhere; da = dy x where x <= 0, summed over all that share the
    slope. The derivative at the kink, a, is a convention (PyTorch's). Where x is NaN, dx = a dy and
    da is NaN.

    Raises
    ------
    ShapeError
        If a does not broadcast to the shape of x.
    DtypeError
        If the dtypes differ or are no real floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, a = np.array([[-2.0, 3.0], [1.0, -4.0]]), np.array([0.5, 0.25])
    >>> rn.prelu(x, a)
    array([[-1.,  3.],
           [ 1., -1.]])
    >>> rn.prelu.vjp(np.ones((2, 2)), x, a)[1]
    array([-2., -4.])
    """
    return _sloped(x, x, a.reshape(_shared(a.shape)))


@prelu.shape_rule
def _(x: Shape, a: Shape) -> Shape:
    slopes = _shared(a)
    one_or_all = all(n in (1, whole) for n, whole in zip(slopes[::-1], x[::-1], strict=False))
    if len(slopes) > len(x) or not one_or_all:
        raise ShapeError(
            "prelu",
            got=f"x {x} and a {a}",
            needs="x (..., C) and a (C,), or a of another shape that broadcasts to that of x",
            cause="Are the channels not on the last axis? (C, 1, 1) has them two before it.",
        )
    return x


@prelu.vjp_rule
def _(dy: Array, x: Array, a: Array) -> Cotangents:
    slopes = _shared(a.shape)
    dx = _sloped(dy, x, a.reshape(slopes))
    below = np.multiply(dy, x, out=np.zeros_like(dy), where=~(x > 0))
    return dx, sum_to(below, slopes).reshape(a.shape)


def _shared(a: Shape) -> Shape:
    """Return the shape of the slopes, () for a single one: that fits a number too."""
    return () if a == (1,) else a


def _sloped(values: Array, x: Array, slope: Array | float) -> Array:
    """Return the values where x > 0 and slope times them elsewhere."""
    # A product with 1 is exact, and nothing overflows that is not part of the result.
    return np.asarray(values * np.where(x > 0, 1, np.asarray(slope, x.dtype)))
