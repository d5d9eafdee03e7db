"""Penalties on the size of weights, added to a loss."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation


@operation(analytic=False)
def l1_penalty(w: Array, /, *, strength: float = 1.0) -> Array:
    """Return strength sum(|w|): w of any shape -> y ().

    Tibshirani 1996, "Regression shrinkage and selection via the lasso".

    VJP: dw = dy strength sign(w), with sign(0) = 0 and sign(NaN) = NaN.

    Raises
    ------
    OptionError
        If the strength is negative or no finite number.
    DtypeError
        If w is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> w = np.array([[1.0, -2.0], [0.0, 0.5]])
    >>> rn.l1_penalty(w, strength=0.1)
    array(0.35)
    >>> rn.l1_penalty.vjp(np.array(1.0), w, strength=0.1)[0]
    array([[ 0.1, -0.1],
           [ 0. ,  0.1]])
    """
    return np.asarray(float(strength) * np.add.reduce(np.abs(w), axis=None))


@l1_penalty.shape_rule
def _(w: Shape, *, strength: float) -> Shape:
    checks.number("l1_penalty", "strength", strength, low=0)
    return ()


@l1_penalty.vjp_rule
def _(dy: Array, w: Array, *, strength: float) -> Cotangents:
    return (dy * float(strength) * np.sign(w),)


@operation(analytic=True)
def l2_penalty(w: Array, /, *, strength: float = 1.0, half: bool = False) -> Array:
    """Return strength sum(w^2), halved if ``half``: w of any shape -> y ().

    Hoerl & Kennard 1970, "Ridge regression". Halved it is TensorFlow's l2_loss and the lambda / 2
    of textbooks, whose gradient, strength w, is the weight decay of gradient descent. It is the
    square of the norm, not the norm.

    VJP: dw = dy 2 strength w, or dy strength w if ``half``.

    Raises
    ------
    OptionError
        If the strength is negative or no finite number, or half no bool.
    DtypeError
        If w is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> w = np.array([[1.0, -2.0], [0.0, 0.5]])
    >>> rn.l2_penalty(w, strength=0.1)
    array(0.525)
    >>> rn.l2_penalty.vjp(np.array(1.0), w, strength=0.1, half=True)[0]
    array([[ 0.1 , -0.2 ],
           [ 0.  ,  0.05]])
    """
    total = float(strength) * np.add.reduce(w * w, axis=None)
    return np.asarray(total / 2 if half else total)


@l2_penalty.shape_rule
def _(w: Shape, *, strength: float, half: bool) -> Shape:
    checks.number("l2_penalty", "strength", strength, low=0)
    checks.flag("l2_penalty", "half", half)
    return ()


@l2_penalty.vjp_rule
def _(dy: Array, w: Array, *, strength: float, half: bool) -> Cotangents:
    slope = dy * float(strength)
    return ((slope if half else slope + slope) * w,)
