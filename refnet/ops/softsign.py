"""Softsign, a sigmoid with polynomial tails."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation
from refnet.real_parts import absolute, limited


@operation(analytic=True)
def softsign(x: Array, /) -> Array:
    """Return x / (1 + |x|), elementwise: x of any shape -> y of that shape and dtype.

    Turian, Bergstra & Bengio 2009, "Quadratic features and deep architectures for chunking".
    softsign(+-inf) is +-1, the limit. (PyTorch computes inf / inf, NaN.) |x| is differentiated by
    the sign of the real part where x is complex.

    VJP: dx = dy / (1 + |x|)^2, by two divisions, so that no square overflows; 0 at +-inf.

    Raises
    ------
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.softsign(np.array([-np.inf, -3.0, 0.0, 1.0]))
    array([-1.  , -0.75,  0.  ,  0.5 ])
    """
    c = _finite(x)
    return np.asarray(c / (1 + absolute(c)))


@softsign.shape_rule
def _(x: Shape) -> Shape:
    return x


@softsign.vjp_rule
def _(dy: Array, x: Array) -> Cotangents:
    below = 1 + absolute(_finite(x))
    return (dy / below / below,)


def _finite(x: Array) -> Array:
    """Return x with infinities as the largest numbers, whose softsign rounds to +-1."""
    largest = np.finfo(x.dtype).max
    return limited(x, -largest, largest)
