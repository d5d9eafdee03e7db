"""The sigmoid linear unit (swish)."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation
from refnet.real_parts import BEYOND, absolute, limited


@operation(analytic=True)
def silu(x: Array, /) -> Array:
    """Return x / (1 + exp(-x)), elementwise: x of any shape -> y of that shape and dtype.

    x times its sigmoid: Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017, "Swish".
    Evaluated from h = exp(-|x|/2), which never overflows and is no subnormal number where the
    result is none: (x h) h / (1 + h^2) on the left, so that both tails keep their relative
    accuracy. silu(-inf) is -0, the limit. (PyTorch computes -inf / inf, NaN.)

    VJP: dx = dy s (1 + x (1 - s)), s the sigmoid of x; 0 at -inf and 1 at inf.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.silu(np.array([-1000.0, -20.0, 0.0, 2.0]))
    array([-0.00000000e+00, -4.12230724e-08,  0.00000000e+00,  1.76159416e+00])
    """
    c = limited(x, -BEYOND, np.inf)
    h = np.exp(absolute(c) / -2)
    left = np.where(x.real >= 0, 1, h)
    return np.asarray(c * left * left / (1 + h * h))


@silu.shape_rule
def _(x: Shape) -> Shape:
    return x


@silu.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    c = limited(x, -BEYOND, BEYOND)
    z = np.exp(-absolute(c))
    right = x.real >= 0
    s, rest = np.where(right, 1, z) / (1 + z), np.where(right, z, 1) / (1 + z)
    return (dy * (s * (1 + c * rest)),)
