"""The Huber loss and the smooth L1 loss: squared for small errors, absolute for large ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import operation


@operation(analytic=True)
def huber(y: Array, t: Array, /, *, delta: float = 1.0, reduction: str = "mean") -> Array:
    """Return d^2 / 2 if |d| <= delta, else delta (|d| - delta / 2), reduced; d = y - t.

    Huber 1964, "Robust estimation of a location parameter". y, t of one shape. Computed without a
    branch as c (|d| - c / 2), c = min(|d|, delta).

    Parameters
    ----------
    y, t : array
        Predictions and targets.
    delta : float
        Where the loss turns from squared to absolute, above 0.
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.

    VJP: dy_ = g d, limited to g delta and -g delta, and dt = -dy_, where g is dy, divided by the
    number of elements for the mean.

    Raises
    ------
    ShapeError
        If the shapes differ (there is no broadcasting: (m, 1) against (m,) is a mistake).
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If delta is not positive or the reduction unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> y, t = np.array([0.5, 2.0, -9.0]), np.array([0.0, 0.0, 1.0])
    >>> rn.huber(y, t, reduction="none")
    array([0.125, 1.5  , 9.5  ])
    >>> rn.huber.vjp(np.ones(3), y, t, reduction="none")[0]
    array([ 0.5,  1. , -1. ])
    """
    size, capped = _sizes(y - t, float(delta))
    return reduce_elements(np.asarray(capped * (size - capped / 2)), reduction)


@huber.shape_rule
def _(y: Shape, t: Shape, *, delta: float, reduction: str) -> Shape:
    checks.same_shapes("huber", y, t, ("y", "t"))
    checks.number("huber", "delta", delta, low=0, open_low=True)
    return reduced_shape("huber", y, reduction)


@huber.vjp_rule
def _(dy: Array, y: Array, t: Array, *, delta: float, reduction: str) -> Cotangents:
    slopes = _limited(y - t, float(delta))
    dpredicted = np.asarray(spread(dy, y.shape, reduction) * slopes)
    return dpredicted, -dpredicted


@operation(analytic=True)
def smooth_l1(y: Array, t: Array, /, *, beta: float = 1.0, reduction: str = "mean") -> Array:
    """Return d^2 / (2 beta) if |d| < beta, else |d| - beta / 2, reduced; d = y - t.

    Girshick 2015, "Fast R-CNN", with beta = 1: the Huber loss with delta = beta, divided by beta.
    y, t of one shape.

    Parameters
    ----------
    y, t : array
        Predictions and targets.
    beta : float
        Where the loss turns from squared to absolute; 0 (also after rounding to the dtype that is
        computed in, float32 for float16) gives the absolute error.
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.

    VJP: dy_ = g d / beta, limited to g and -g (with beta = 0 it is g sign(d), sign(0) = 0), and
    dt = -dy_, where g is dy, divided by the number of elements for the mean.

    Raises
    ------
    ShapeError
        If the shapes differ (there is no broadcasting: (m, 1) against (m,) is a mistake).
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If beta is negative or the reduction unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> y, t = np.array([0.25, 2.0, -9.0]), np.array([0.0, 0.0, 1.0])
    >>> rn.smooth_l1(y, t, beta=0.5, reduction="none")
    array([0.0625, 1.75  , 9.75  ])
    >>> rn.smooth_l1.vjp(np.ones(3), y, t, beta=0.5, reduction="none")[0]
    array([ 0.5,  1. , -1. ])
    """
    gap = y - t
    limit = gap.real.dtype.type(beta)
    size, capped = _sizes(gap, limit)
    if limit:
        # Divided before it is multiplied: nothing overflows that need not.
        size = capped / limit * (size - capped / 2)
    return reduce_elements(np.asarray(size), reduction)


@smooth_l1.shape_rule
def _(y: Shape, t: Shape, *, beta: float, reduction: str) -> Shape:
    checks.same_shapes("smooth_l1", y, t, ("y", "t"))
    checks.number("smooth_l1", "beta", beta, low=0)
    return reduced_shape("smooth_l1", y, reduction)


@smooth_l1.vjp_rule
def _(dy: Array, y: Array, t: Array, *, beta: float, reduction: str) -> Cotangents:
    gap = y - t
    limit = gap.real.dtype.type(beta)
    slopes = _limited(gap, limit) / limit if limit else np.sign(gap.real)
    dpredicted = np.asarray(spread(dy, y.shape, reduction) * slopes)
    return dpredicted, -dpredicted


def _sizes(gap: Array, limit: Any) -> tuple[Array, Array]:
    """Return |gap| (of the real part's sign, where gap is complex), and min(|gap|, limit)."""
    size = np.where(gap.real > 0, gap, 0 - gap)  # 0 - gap: no size is -0
    return size, np.where(size.real >= limit, limit, size)


def _limited(gap: Array, limit: Any) -> Array:
    """Return the gap, limited to ``limit`` either way."""
    return np.where(gap.real >= limit, limit, np.where(gap.real <= -limit, -limit, gap))
