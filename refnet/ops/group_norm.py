"""Group normalisation, and with a group per channel instance normalisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import sum_to
from refnet.errors import OptionError, ShapeError
from refnet.normalizing import normalized, normalized_vjp
from refnet.op import operation

LAYOUTS = ("NHWC", "NCHW")


@operation(analytic=True)
def group_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    /,
    *,
    groups: int,
    eps: float = 1e-5,
    layout: str = "NHWC",
) -> Array:
    """Return gamma (x - mean) / sqrt(variance + eps) + beta, by sample and group of channels.

    x (N, ..., C), or (N, C, ...) with ``layout="NCHW"``, any number of spatial axes or none -> y
    of that shape and dtype; gamma and beta (C,). Each group holds C / groups neighbouring channels.
    The variance is biased (divided by n) and taken from the centred data. Wu & He 2018, eq. 1, 2, 6
    and 7; ONNX GroupNormalization since opset 21, PyTorch's ``group_norm``. ``groups=C`` is
    instance normalisation, ``groups=1`` layer normalisation with one gamma per channel. The half
    types accumulate in float32.

    A group that holds NaN or an infinity becomes NaN. A constant group becomes beta within
    rounding, or NaN if eps is 0. The squares of x - mean must not overflow.

    VJP: with h = (y - beta) / gamma, r = 1 / sqrt(variance + eps) and g = dy gamma,
    dx = r (g - mean(g) - h mean(g h)), dgamma = dy h and dbeta = dy, the last two summed over every
    axis but the channels'.

    Raises
    ------
    ShapeError
        If x has fewer than two axes, or gamma or beta is not one value per channel.
    OptionError
        If groups does not divide the channels or is no integer from 1 on, eps is negative or no
        finite number, or the layout is unknown.
    ArgumentError
        If groups is not given.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 3.0, 10.0, 50.0]])
    >>> rn.group_norm(x, groups=2, eps=0.0)
    array([[-1.,  1., -1.,  1.]])
    >>> rn.group_norm(x, np.array([1.0, 1.0, 2.0, 2.0]), groups=1, eps=0.0).round(2)
    array([[-0.75, -0.65, -0.6 ,  3.41]])
    """
    view = _View(x.shape, groups, layout)
    h, _ = normalized(view.of(x), view.axes, eps)
    return view.scaled(h, gamma, beta)


@group_norm.shape_rule
def _(
    x: Shape, gamma: Shape | None, beta: Shape | None, *, groups: Any, eps: float, layout: str
) -> Shape:
    checks.number("group_norm", "eps", eps, low=0)
    checks.choice("group_norm", "layout", layout, LAYOUTS)
    count = checks.count("group_norm", "groups", groups, low=1)
    if len(x) < 2:
        raise ShapeError(
            "group_norm",
            got=f"x {x}",
            needs="x (N, ..., C), or (N, C, ...) with layout='NCHW'",
            cause="Is the batch axis missing?",
        )
    channels = x[1 if layout == "NCHW" else -1]
    if channels % count:
        raise OptionError(
            "group_norm",
            got=f"groups={count} and {channels} channels",
            needs="groups that divide the channels",
            cause="Is the layout the other one?",
        )
    for name, shape in (("gamma", gamma), ("beta", beta)):
        if shape is not None and shape != (channels,):
            raise ShapeError(
                "group_norm",
                got=f"x {x} in layout {layout} and {name} {shape}",
                needs=f"{name} of shape ({channels},), one value per channel",
                cause="Is the layout the other one, or is there one value per group?",
            )
    return x


@group_norm.residual_rule
def _(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    groups: int,
    eps: float,
    layout: str,
) -> tuple[Array, Any]:
    view = _View(x.shape, groups, layout)
    h, r = normalized(view.of(x), view.axes, eps)
    return view.scaled(h.copy(), gamma, beta), (h, r)


@group_norm.vjp_rule
def _(
    dy: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    residual: tuple[Array, Array],
    wrt: tuple[str, ...],
    groups: int,
    eps: float,
    layout: str,
) -> Cotangents:
    h, r = residual
    view = _View(x.shape, groups, layout)
    dy = view.of(dy)
    dx = dgamma = dbeta = None
    if "x" in wrt:
        dh = dy if gamma is None else dy * gamma.reshape(view.per_channel)
        dx = normalized_vjp(dh, h, r, view.axes).reshape(x.shape)
    if gamma is not None and "gamma" in wrt:
        dgamma = sum_to(dy * h, view.per_channel).reshape(gamma.shape)
    if beta is not None and "beta" in wrt:
        dbeta = sum_to(dy, view.per_channel).reshape(beta.shape)
    return dx, dgamma, dbeta


class _View:
    """x's shape with the spatial axes in one and the channels in two, group and member."""

    def __init__(self, shape: Shape, groups: Any, layout: str) -> None:
        if layout == "NCHW":
            n, c, *space = shape
            self.shape = (n, groups, c // groups, math.prod(space))
            self.per_channel = (1, groups, c // groups, 1)
            self.axes = (2, 3)
        else:
            n, *space, c = shape
            self.shape = (n, math.prod(space), groups, c // groups)
            self.per_channel = (1, 1, groups, c // groups)
            self.axes = (1, 3)
        self.whole = shape

    def of(self, a: Array) -> Array:
        """Return ``a`` in this shape."""
        return a.reshape(self.shape)

    def scaled(self, h: Array, gamma: Array | None, beta: Array | None) -> Array:
        """Return gamma h + beta in x's shape; changes h."""
        if gamma is not None:
            h *= gamma.reshape(self.per_channel)
        if beta is not None:
            h += beta.reshape(self.per_channel)
        return np.asarray(h.reshape(self.whole))
