"""Values limited to an interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError
from refnet.op import operation


@operation(analytic=False)
def clip(x: Array, /, *, low: float | None = None, high: float | None = None) -> Array:
    """Return x limited to [low, high], elementwise: x of any shape -> y of that shape and dtype.

    y is ``low`` where x < low, ``high`` where x > high, and x itself elsewhere: NaN stays NaN, and
    -0 stays -0 where an end is 0. One of the two ends may be left out. The ends are rounded to the
    dtype of x (to float32 for float16, whose result is rounded as always).

    VJP: dx = dy where low <= x <= high, +0 elsewhere and where x is NaN. The derivative 1 at the
    ends themselves is the convention of PyTorch's clamp.

    Raises
    ------
    OptionError
        If both ends are left out, one is no finite number, or low > high.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([-3.0, -1.0, 0.5, 2.0])
    >>> rn.clip(x, low=-1.0, high=1.0)
    array([-1. , -1. ,  0.5,  1. ])
    >>> rn.clip.vjp(np.ones(4), x, low=-1.0, high=1.0)
    (array([0., 1., 1., 0.]),)
    """
    least, most = _ends(x.dtype, low, high)
    y = x.copy() if least is None else np.where(x < least, least, x)
    return y if most is None else np.where(y > most, most, y)


@clip.shape_rule
def _(x: Shape, *, low: Any, high: Any) -> Shape:
    if low is None and high is None:
        raise OptionError(
            "clip",
            got="neither low nor high",
            needs="at least one of them",
            cause="Did an option that is None get passed on?",
        )
    ends = [checks.number("clip", n, v) for n, v in (("low", low), ("high", high)) if v is not None]
    if ends != sorted(ends):
        raise OptionError(
            "clip",
            got=f"low={low!r} and high={high!r}",
            needs="low <= high",
            cause="Were the two ends exchanged?",
        )
    return x


@clip.vjp_rule
def _(dy: Array, x: Array, *, low: float | None, high: float | None) -> Cotangents:
    least, most = _ends(x.dtype, low, high)
    inside = np.ones(x.shape, bool)  # NaN is not: it compares false with either end
    if least is not None:
        inside &= x >= least
    if most is not None:
        inside &= x <= most
    return (np.where(inside, dy, 0),)


def _ends(dtype: np.dtype[Any], low: float | None, high: float | None) -> tuple[Any, Any]:
    with np.errstate(over="ignore"):  # an end beyond the dtype is infinite
        return tuple(None if v is None else dtype.type(v) for v in (low, high))  # type: ignore[return-value]
