"""Variance over chosen axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.axes import as_axis, kept, per_result, reduced_shape
from refnet.errors import ShapeError
from refnet.op import operation


@operation(analytic=True)
def var(
    x: Array,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    ddof: int = 0,
    keepdims: bool = False,
) -> Array:
    """Return the variance of x over ``axis`` (all axes if None), in the dtype of x.

    x of any shape -> y without the reduced axes, or with them of length 1 if ``keepdims``:
    sum((x - m)^2) / (n - ddof) for n elements of mean m. ``ddof`` 0 is the population's variance
    (NumPy's and TensorFlow's default), 1 the unbiased estimate from a sample (PyTorch's).

    Two passes, on centred data: the mean of x^2 less the square of the mean cancels where the mean
    is large (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance"). float16
    accumulates in float32. Complex x have sum((x - m)^2) without absolute values, so that the
    function is analytic.

    VJP: dx = dy 2 (x - m) / (n - ddof), stretched over the reduced axes.

    Raises
    ------
    ShapeError
        If there are not more than ``ddof`` elements to a variance.
    OptionError
        If an axis does not exist, is named twice or is no integer, ddof is no integer of at least
        0, or keepdims is no bool.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]])
    >>> rn.var(x, axis=1)
    array([  0.66666667, 200.        ])
    >>> rn.var(x, axis=1, ddof=1)
    array([  1., 300.])
    """
    return _centred(x, axis, ddof, keepdims)[0]


@var.shape_rule
def _(x: Shape, *, axis: Any, ddof: Any, keepdims: bool) -> Shape:
    shape = reduced_shape("var", x, axis, keepdims)
    n, ddof = per_result(x, axis), checks.count("var", "ddof", ddof)
    if n <= ddof:
        raise ShapeError(
            "var",
            got=f"x of shape {x} with {n} element(s) to a variance, and ddof={ddof}",
            needs="more elements than ddof",
            cause="Is a batch empty, or a sample of one?",
        )
    return shape


@var.residual_rule
def _(x: Array, *, axis: Any, ddof: int, keepdims: bool) -> tuple[Array, Array]:
    return _centred(x, axis, ddof, keepdims)


@var.vjp_rule
def _(dy: Array, x: Array, *, residual: Array, axis: Any, ddof: int, keepdims: bool) -> Cotangents:
    half = (per_result(x.shape, axis) - ddof) / 2
    return (kept(dy, x.ndim, axis, keepdims) / half * residual,)


def _centred(x: Array, axis: Any, ddof: int, keepdims: bool) -> tuple[Array, Array]:
    """Return the variance, and x less its mean."""
    axis = as_axis(axis)
    n = per_result(x.shape, axis)
    centred = np.asarray(x - np.sum(x, axis=axis, keepdims=True) / n)
    total = np.sum(centred * centred, axis=axis, keepdims=keepdims)
    return np.asarray(total / (n - ddof)), centred
