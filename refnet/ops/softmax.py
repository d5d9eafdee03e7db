"""Softmax and its logarithm."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import intermediate, operation

SHORT = 32  # columns


@operation(analytic=True)
def softmax(x: Array, /, *, axis: int = -1) -> Array:
    """Return exp(x) / sum(exp(x)) along ``axis``: x of any shape -> y of that shape and dtype.

    Computed from x - max(x), so no exponential overflows (Blanchard, Higham & Higham 2021,
    "Accurately computing the log-sum-exp and softmax functions"). A slice that holds +inf or NaN,
    or nothing but -inf, becomes NaN.

    VJP: dx = y (dy - sum(y dy)), the full Jacobian diag(y) - y y^T applied to dy.

    Raises
    ------
    OptionError
        If the axis does not exist or is no integer.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.softmax(np.array([1010.0, 1000.0, 990.0]))
    array([9.99954600e-01, 4.53978686e-05, 2.06106005e-09])
    """
    return softmax_of(x, axis)


@softmax.shape_rule
def _(x: Shape, *, axis: int) -> Shape:
    checks.axis("softmax", axis, len(x))
    return x


@softmax.vjp_rule
def _(dy: Array, x: Array, *, y: Array, axis: int) -> Cotangents:
    return (y * (dy - np.add.reduce(y * dy, axis=axis, keepdims=True)),)


@operation(analytic=True)
def log_softmax(x: Array, /, *, axis: int = -1) -> Array:
    """Return x - log(sum(exp(x))) along ``axis``: x of any shape -> y of that shape and dtype.

    Computed as (x - max) - log(sum(exp(x - max))), in this order: adding max and logarithm first
    would round at the size of max (Blanchard, Higham & Higham 2021). A slice that holds +inf or
    NaN, or nothing but -inf, becomes NaN.

    VJP: dx = dy - exp(y) sum(dy).

    Raises
    ------
    OptionError
        If the axis does not exist or is no integer.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    return log_softmax_of(x, axis)


@log_softmax.shape_rule
def _(x: Shape, *, axis: int) -> Shape:
    checks.axis("log_softmax", axis, len(x))
    return x


@log_softmax.vjp_rule
def _(dy: Array, x: Array, *, y: Array, axis: int) -> Cotangents:
    probs = intermediate(np.asarray(np.exp(y)))
    return (dy - probs * np.add.reduce(dy, axis=axis, keepdims=True),)


def softmax_of(x: Array, axis: int) -> Array:
    """Return the softmax along ``axis``, for operations built from it; a new array."""
    y, axis, back = _shifted(x, axis)
    np.exp(y, out=y)
    y /= np.add.reduce(y, axis=axis, keepdims=True)
    return y.T if back else y


def log_softmax_of(x: Array, axis: int) -> Array:
    """Return the log-softmax along ``axis``, for operations built from it; a new array."""
    y, axis, back = _shifted(x, axis)
    if y.size:  # the logarithm of an empty sum would warn
        total = intermediate(np.add.reduce(np.exp(y), axis=axis, keepdims=True))
        y -= np.log(total)
    return y.T if back else y


def _shifted(x: Array, axis: int) -> tuple[Array, int, bool]:
    """Return x minus its maximum along ``axis`` (of the real part, where x is complex).

    The result may be transposed: then its axis is 0 and the last entry True. NumPy takes up to ten
    times as long to reduce few columns row by row as to reduce their transposed copy.
    """
    back = x.ndim == 2 and x.shape[1] <= SHORT and axis in (-1, 1)
    if back:
        x, axis = x.T.copy(), 0
    high = np.maximum.reduce(x.real, axis=axis, keepdims=True, initial=-np.inf)
    return np.asarray(x - high), axis, back
