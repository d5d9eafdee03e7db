"""The sigmoid in three straight pieces."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.op import operation

SIXTH = 1 / 6


@operation(analytic=False)
def hard_sigmoid(x: Array, /, *, slope: float = SIXTH, offset: float = 0.5) -> Array:
    """Return slope x + offset limited to [0, 1]: x of any shape -> y of that shape and dtype.

    Courbariaux, Bengio & David 2015, "BinaryConnect", had the slope 1/2. 1/6 is that of PyTorch and
    Keras 3 (Howard et al. 2019, "Searching for MobileNetV3"); ONNX, TensorFlow and Keras 2 have
    0.2. The default is a sixth to the precision of the dtype (x is divided by 6), any other slope
    the float64 number, rounded to the dtype that is computed in.

    VJP: dx = slope dy where 0 < slope x + offset < 1, else +0, also where x is NaN. The derivative
    at both kinks, 0, is a convention (PyTorch's). NaN stays NaN.

    Raises
    ------
    OptionError
        If slope or offset is not a finite number.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([-3.0, -1.5, 0.0, 2.7])
    >>> rn.hard_sigmoid(x)
    array([0.  , 0.25, 0.5 , 0.95])
    >>> rn.hard_sigmoid(x, slope=0.2)
    array([0. , 0.2, 0.5, 1. ])
    """
    line = _line(x, slope, offset)
    # Comparisons say which zero is returned; np.clip's depends on the CPU.
    return np.asarray(np.where(line <= 0, 0, np.where(line >= 1, 1, line)))


@hard_sigmoid.shape_rule
def _(x: Shape, *, slope: float, offset: float) -> Shape:
    checks.number("hard_sigmoid", "slope", slope)
    checks.number("hard_sigmoid", "offset", offset)
    return x


@hard_sigmoid.vjp_rule
def _(dy: Array, x: Array, *, slope: float, offset: float) -> Cotangents:
    line = _line(x, slope, offset)
    return (np.where((line > 0) & (line < 1), _times(dy, slope), 0),)


def _line(x: Array, slope: float, offset: float) -> Array:
    with np.errstate(over="ignore"):  # infinity is beyond the ends, as it should be
        return np.asarray(_times(x, slope) + float(offset))


def _times(a: Array, slope: float) -> Array:
    return a / 6 if slope == SIXTH else float(slope) * a
