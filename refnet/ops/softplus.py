"""Softplus, a smooth rectifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation
from refnet.real_parts import BEYOND, absolute, limited


@operation(analytic=True)
def softplus(x: Array, /, *, beta: float = 1.0) -> Array:
    """Return log(1 + exp(beta x)) / beta, elementwise: x of any shape -> y of that shape and dtype.

    Dugas et al. 2001, "Incorporating second-order functional knowledge for better option pricing".
    Computed as max(x, 0) + log1p(exp(-beta |x|)) / beta, which does not overflow and needs no
    threshold beyond which it would be another function. (PyTorch's, 20 by default, returns x.)
    beta is float64's, rounded to the dtype that is computed in.

    VJP: dx = dy / (1 + exp(-beta x)).

    Raises
    ------
    OptionError
        If beta is not a positive, finite number.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.softplus(np.array([-1000.0, 0.0, 2.0]))
    array([0.        , 0.69314718, 2.12692801])
    """
    linear = np.where(x.real > 0, x, 0)
    return np.asarray(linear + np.log1p(_small(x, beta)) / float(beta))


@softplus.shape_rule
def _(x: Shape, *, beta: float) -> Shape:
    checks.number("softplus", "beta", beta, low=0, open_low=True)
    return x


@softplus.vjp_rule
def _(dy: Array, x: Array, *, beta: float) -> Cotangents:
    small = _small(x, beta)
    return (dy * (np.where(x.real >= 0, 1, small) / (1 + small)),)


def _small(x: Array, beta: float) -> Any:
    """Return exp(-beta |x|)."""
    a = absolute(x)
    if beta > 1:  # where beta |x| might overflow
        a = limited(a, 0, BEYOND / float(beta))
    return np.exp(-float(beta) * a)
