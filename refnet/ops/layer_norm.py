"""Layer normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import sum_to
from refnet.errors import OptionError, ShapeError
from refnet.normalizing import normalized, normalized_vjp
from refnet.op import operation


@operation(analytic=True)
def layer_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    /,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: float = 1e-5,
) -> Array:
    """Return gamma (x - mean) / sqrt(variance + eps) + beta, each slice over ``axis`` by itself.

    x of any shape -> y of that shape and dtype; gamma and beta of the shape of the named axes, in
    the order in which x has them. The variance is biased (divided by n) and taken from the centred
    data. Ba, Kiros & Hinton 2016, eq. 3 and 4; eps, which they leave out, is added under the root.
    PyTorch's ``normalized_shape`` of k sizes is the last k axes; ONNX's ``axis=k`` is
    ``tuple(range(k, x.ndim))``; Keras's list of axes is ``axis``, its default eps 1e-3. The half
    types accumulate in float32.

    A slice that holds NaN or an infinity becomes NaN. A constant slice becomes beta within
    rounding, or NaN if eps is 0. The squares of x - mean must not overflow.

    VJP: with h = (y - beta) / gamma, r = 1 / sqrt(variance + eps) and g = dy gamma,
    dx = r (g - mean(g) - h mean(g h)), dgamma = dy h and dbeta = dy, the last two summed over the
    slices.

    Raises
    ------
    ShapeError
        If gamma or beta is not of the shape of the named axes.
    OptionError
        If an axis does not exist, is named twice or is no integer, no axis is named, or eps is
        negative or no finite number.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 3.0], [10.0, 50.0]])
    >>> rn.layer_norm(x, np.array([1.0, 2.0]), np.array([0.0, 5.0]), eps=0.0)
    array([[-1.,  7.],
           [-1.,  7.]])
    """
    h, _ = normalized(x, _axes(axis, x.ndim), eps)
    return _scaled(h, *_stretched(x.shape, axis, gamma, beta))


@layer_norm.shape_rule
def _(x: Shape, gamma: Shape | None, beta: Shape | None, *, axis: Any, eps: float) -> Shape:
    checks.number("layer_norm", "eps", eps, low=0)
    needed = tuple(x[i] for i in _axes(axis, len(x)))
    for name, shape in (("gamma", gamma), ("beta", beta)):
        if shape is not None and shape != needed:
            raise ShapeError(
                "layer_norm",
                got=f"x {x}, axis={axis!r} and {name} {shape}",
                needs=f"{name} of shape {needed}, that of the axes which are normalised",
                cause="Does axis name the batch, or too few axes?",
            )
    return x


@layer_norm.residual_rule
def _(
    x: Array, gamma: Array | None, beta: Array | None, *, axis: Any, eps: float
) -> tuple[Array, Any]:
    h, r = normalized(x, _axes(axis, x.ndim), eps)
    return _scaled(h.copy(), *_stretched(x.shape, axis, gamma, beta)), (h, r)


@layer_norm.vjp_rule
def _(
    dy: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    residual: tuple[Array, Array],
    wrt: tuple[str, ...],
    axis: Any,
    eps: float,
) -> Cotangents:
    h, r = residual
    wide, _ = _stretched(x.shape, axis, gamma, beta)
    dx = dgamma = dbeta = None
    if "x" in wrt:
        dx = normalized_vjp(dy if wide is None else dy * wide, h, r, _axes(axis, x.ndim))
    if gamma is not None and wide is not None and "gamma" in wrt:
        dgamma = sum_to(dy * h, wide.shape).reshape(gamma.shape)
    if beta is not None and "beta" in wrt:
        dbeta = sum_to(dy, _kept(x.shape, axis)).reshape(beta.shape)
    return dx, dgamma, dbeta


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    # None names every axis elsewhere; there, gamma could only be of x's own shape.
    found = checks.axes("layer_norm", (None,) if axis is None else axis, ndim)
    if not found:
        raise OptionError(
            "layer_norm",
            got=f"axis={axis!r}",
            needs="at least one axis to normalise over",
            cause="Is the tuple computed from the wrong number of dimensions?",
        )
    return found


def _kept(shape: Shape, axis: Any) -> Shape:
    axes = _axes(axis, len(shape))
    return tuple(n if i in axes else 1 for i, n in enumerate(shape))


def _stretched(
    shape: Shape, axis: Any, gamma: Array | None, beta: Array | None
) -> tuple[Array | None, Array | None]:
    kept = _kept(shape, axis)
    return (
        None if gamma is None else gamma.reshape(kept),
        None if beta is None else beta.reshape(kept),
    )


def _scaled(h: Array, gamma: Array | None, beta: Array | None) -> Array:
    """Return gamma h + beta, in place."""
    if gamma is not None:
        h *= gamma
    if beta is not None:
        h += beta
    return np.asarray(h)
