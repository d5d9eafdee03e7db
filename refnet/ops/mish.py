"""Mish, a smooth activation without an upper end."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation
from refnet.real_parts import BEYOND, absolute, limited


@operation(analytic=True)
def mish(x: Array, /) -> Array:
    """Return x tanh(log(1 + exp(x))), elementwise: x of any shape -> y of that shape and dtype.

    Misra 2020, "Mish: a self regularized non-monotonic activation function". The hyperbolic tangent
    of a logarithm is algebraic, so with w = exp(x) this is x w (w + 2) / (w (w + 2) + 2), divided
    by w^2 where w > 1: it does not overflow, all its terms are positive, and both tails keep their
    relative accuracy. mish(-inf) is -0, the limit. (PyTorch computes -inf times 0, NaN.)

    VJP: dx = dy (t + x (1 - t^2) s), t = tanh(log(1 + w)), s = w / (1 + w) and
    1 - t^2 = 4 (1 + w)^2 / (w (w + 2) + 2)^2; 0 at -inf and 1 at inf.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.mish(np.array([-1000.0, -20.0, 0.0, 2.0]))
    array([-0.00000000e+00, -4.12230724e-08,  0.00000000e+00,  1.94395896e+00])
    """
    c = limited(x, -BEYOND, np.inf)
    h = np.exp(absolute(c) / -2)  # no subnormal number where the result is none
    right = x.real >= 0
    top, bottom = _fraction(h * h, right)
    left = np.where(right, 1, h)
    return np.asarray(c * left * left * (top / bottom))


@mish.shape_rule
def _(x: Shape) -> Shape:
    return x


@mish.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    c = limited(x, -BEYOND, BEYOND)
    e = np.exp(-absolute(c))
    right = x.real >= 0
    top, bottom = _fraction(e, right)
    t = np.where(right, 1, e) * (top / bottom)
    # (1 - t^2) s is 4 w (1 + w) / (w (w + 2) + 2)^2 with w = e, or with w = 1/e.
    slope = 4 * e * np.where(right, e, 1) * (1 + e) / (bottom * bottom)
    return (dy * (t + c * slope),)


def _fraction(e: Array, right: Array) -> tuple[Array, Array]:
    """Return what tanh(log(1 + w)) is the fraction of, e = min(w, 1/w); on the left it lacks e."""
    top = np.where(right, 1 + 2 * e, e + 2)
    return top, np.where(right, top + 2 * e * e, top * e + 2)
