"""The squared error and its named reductions."""

from __future__ import annotations

import math

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import ShapeError
from refnet.op import operation

REDUCTIONS = ("none", "sum", "mean", "half_sum", "half_mean_rows", "sum_rows")


@operation(analytic=True)
def mean_squared_error(y: Array, t: Array, /, *, reduction: str = "mean") -> Array:
    """Return the squared error (y - t)^2, reduced as named: y, t of one shape.

    ===================  ==============================================  =============
    reduction            value                                           shape
    ===================  ==============================================  =============
    ``mean``             sum / number of elements (PyTorch, Keras)       ()
    ``sum``              sum                                             ()
    ``none``             the elements                                    that of y
    ``half_sum``         sum / 2 (the squared error of textbooks)        ()
    ``half_mean_rows``   sum / (2 m), m rows along the first axis        ()
    ``sum_rows``         the sum of each row                             (m,)
    ===================  ==============================================  =============

    VJP: dy_ = 2 c (y - t) and dt = -dy_, where c is the result's cotangent times the reduction's
    factor.

    Raises
    ------
    ShapeError
        If the shapes differ (there is no broadcasting: (m, 1) against (m,) is a mistake), or a
        reduction by rows meets inputs without axes.
    OptionError
        If the reduction is unknown.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> y, t = np.array([4.5, 5.0, 10.0]), np.array([1.0, 2.0, 3.0])
    >>> rn.mean_squared_error(y, t, reduction="sum")
    array(70.25)
    >>> rn.mean_squared_error.vjp(np.array(1.0), y, t, reduction="half_sum")
    (array([3.5, 3. , 7. ]), array([-3.5, -3. , -7. ]))
    """
    gap = y - t
    elements = gap * gap
    if reduction == "none":
        return np.asarray(elements)
    if reduction == "sum_rows":
        return np.asarray(elements.reshape(len(y), math.prod(y.shape[1:])).sum(axis=1))
    return np.asarray(np.add.reduce(elements, axis=None) / _divisor(y.shape, reduction))


@mean_squared_error.shape_rule
def _(y: Shape, t: Shape, *, reduction: str) -> Shape:
    checks.choice("mean_squared_error", "reduction", reduction, REDUCTIONS)
    checks.same_shapes("mean_squared_error", y, t, ("y", "t"))
    if reduction == "none":
        return y
    if reduction.endswith("rows") and not y:
        raise ShapeError(
            "mean_squared_error",
            got=f"inputs without axes and reduction={reduction!r}",
            needs="rows along a first axis",
            cause="Is the batch axis missing?",
        )
    return y[:1] if reduction == "sum_rows" else ()


@mean_squared_error.vjp_rule
def _(dy: Array, y: Array, t: Array, *, reduction: str) -> Cotangents:
    if reduction == "sum_rows":
        dy = dy.reshape(-1, *(1,) * (y.ndim - 1))
    elif reduction != "none":
        dy = np.asarray(dy / _divisor(y.shape, reduction))
    dpredicted = np.asarray((dy + dy) * (y - t))
    return dpredicted, -dpredicted


def _divisor(shape: Shape, reduction: str) -> int:
    match reduction:
        case "sum":
            return 1
        case "mean":
            return math.prod(shape)
        case "half_sum":
            return 2
        case _:
            return 2 * shape[0]
