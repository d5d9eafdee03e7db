"""Exponential linear units, plain and self-normalising."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation

# The fixed point of mean 0 and variance 1 (Klambauer et al. 2017, equation 14).
SELU_ALPHA = np.longdouble("1.6732632423543772848170429916717")
SELU_SCALE = np.longdouble("1.0507009873554804934193349852946")


@operation(analytic=False)
def elu(x: Array, /, *, alpha: float = 1.0) -> Array:
    """Return x where x > 0 and alpha (exp(x) - 1) elsewhere, of x's shape and dtype.

    Clevert, Unterthiner & Hochreiter 2016, "Fast and accurate deep network learning by exponential
    linear units". Computed with expm1, so that small x keep their relative accuracy.

    VJP: dx = dy where x > 0, alpha exp(x) dy elsewhere. The derivative at 0, alpha, is a convention
    unless alpha is 1 (PyTorch's). NaN stays NaN; -inf gives -alpha.

    Raises
    ------
    OptionError
        If alpha is not a finite number.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.elu(np.array([-1000.0, -1.0, 0.0, 2.0]), alpha=0.5)
    array([-0.5       , -0.31606028,  0.        ,  2.        ])
    """
    return np.asarray(np.where(x > 0, x, float(alpha) * np.expm1(_below(x))))


@elu.shape_rule
def _(x: Shape, *, alpha: float) -> Shape:
    checks.number("elu", "alpha", alpha)
    return x


@elu.vjp_rule
def _(dy: Array, x: Array, *, alpha: float) -> Cotangents:
    return (dy * np.where(x > 0, 1, float(alpha) * np.exp(_below(x))),)


@operation(analytic=False)
def selu(x: Array, /) -> Array:
    """Return scale x where x > 0 and scale alpha (exp(x) - 1) elsewhere, of x's shape and dtype.

    Klambauer et al. 2017, "Self-normalizing neural networks": alpha =
    1.6732632423543772848170429916717 and scale = 1.0507009873554804934193349852946 keep activations
    at mean 0 and variance 1. Computed with expm1.

    VJP: dx = scale dy where x > 0, scale alpha exp(x) dy elsewhere. The derivative at the kink,
    scale alpha, is a convention (PyTorch's). NaN stays NaN.

    Raises
    ------
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.selu(np.array([-1000.0, -1.0, 0.0, 2.0]))
    array([-1.75809934, -1.11133074,  0.        ,  2.10140197])
    """
    scale, product = _selu_constants(x)
    below = product * np.expm1(_below(x))
    return np.asarray(np.where(x > 0, scale * np.where(x > 0, x, 0), below))


@selu.shape_rule
def _(x: Shape) -> Shape:
    return x


@selu.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    scale, product = _selu_constants(x)
    return (dy * np.where(x > 0, scale, product * np.exp(_below(x))),)


def _selu_constants(x: Array) -> tuple[Array, Array]:
    """Return scale and scale alpha in the dtype of x."""
    return np.asarray(SELU_SCALE, x.dtype), np.asarray(SELU_SCALE * SELU_ALPHA, x.dtype)


def _below(x: Array) -> Array:
    """Return x, and 0 where x > 0: what the exponential branch sees, zeros with their sign."""
    return np.asarray(np.where(x > 0, 0, x))
