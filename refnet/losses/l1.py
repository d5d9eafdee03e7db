"""The absolute error."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import operation


@operation(analytic=False)
def l1(y: Array, t: Array, /, *, reduction: str = "mean") -> Array:
    """Return |y - t|, elementwise, then reduced: y, t of one shape.

    Parameters
    ----------
    y, t : array
        Predictions and targets.
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.

    VJP: dy_ = g sign(y - t), sign(0) = 0 and sign(NaN) = NaN, and dt = -dy_, where g is dy, divided
    by the number of elements for the mean.

    Raises
    ------
    ShapeError
        If the shapes differ (there is no broadcasting: (m, 1) against (m,) is a mistake).
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the reduction is unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> y, t = np.array([4.5, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])
    >>> rn.l1(y, t, reduction="sum")
    array(5.5)
    >>> rn.l1.vjp(np.array(1.0), y, t, reduction="sum")[0]
    array([ 1.,  0., -1.])
    """
    return reduce_elements(np.asarray(np.abs(y - t)), reduction)


@l1.shape_rule
def _(y: Shape, t: Shape, *, reduction: str) -> Shape:
    checks.same_shapes("l1", y, t, ("y", "t"))
    return reduced_shape("l1", y, reduction)


@l1.vjp_rule
def _(dy: Array, y: Array, t: Array, *, reduction: str) -> Cotangents:
    dpredicted = np.asarray(spread(dy, y.shape, reduction) * np.sign(y - t))
    return dpredicted, -dpredicted
