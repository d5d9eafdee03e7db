"""The hyperbolic tangent in three straight pieces."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError
from refnet.op import operation


@operation(analytic=False)
def hard_tanh(x: Array, /, *, low: float = -1.0, high: float = 1.0) -> Array:
    """Return x limited to [low, high]: x of any shape -> y of that shape and dtype.

    Collobert 2004, "Large scale machine learning". low=0, high=6 is the ReLU6 of MobileNet. The
    ends are float64's, rounded to the dtype that is computed in; an end that is 0 is returned as
    +0.

    VJP: dx = dy where low < x < high, else +0, also where x is NaN. The derivative at both kinks,
    0, is a convention (PyTorch's). NaN stays NaN.

    Raises
    ------
    OptionError
        If low or high is not a finite number, or low is not below high.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([-2.0, 0.3, 1.0])
    >>> rn.hard_tanh(x)
    array([-1. ,  0.3,  1. ])
    >>> rn.hard_tanh.vjp(np.ones(3), x)
    (array([0., 1., 0.]),)
    """
    # Comparisons say which zero is returned; np.clip's depends on the CPU. -0 + 0 is +0.
    bottom, top = float(low) + 0.0, float(high) + 0.0
    return np.asarray(np.where(x <= bottom, bottom, np.where(x >= top, top, x)))


@hard_tanh.shape_rule
def _(x: Shape, *, low: float, high: float) -> Shape:
    if not checks.number("hard_tanh", "low", low) < checks.number("hard_tanh", "high", high):
        raise OptionError(
            "hard_tanh",
            got=f"low={low!r} and high={high!r}",
            needs="low below high",
            cause="Were the two exchanged?",
        )
    return x


@hard_tanh.vjp_rule
def _(dy: Array, x: Array, *, low: float, high: float) -> Cotangents:
    return (np.where((x > float(low)) & (x < float(high)), dy, 0),)
