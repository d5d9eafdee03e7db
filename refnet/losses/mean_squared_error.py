"""The squared error and its named reductions."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
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
    return reduce_elements(np.asarray(gap * gap), reduction)


@mean_squared_error.shape_rule
def _(y: Shape, t: Shape, *, reduction: str) -> Shape:
    checks.same_shapes("mean_squared_error", y, t, ("y", "t"))
    return reduced_shape("mean_squared_error", y, reduction, REDUCTIONS)


@mean_squared_error.vjp_rule
def _(dy: Array, y: Array, t: Array, *, reduction: str) -> Cotangents:
    g = spread(dy, y.shape, reduction)
    dpredicted = np.asarray((g + g) * (y - t))
    return dpredicted, -dpredicted
