"""One-dimensional convolution."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from refnet import checks, layouts
from refnet.arrays import Array, Cotangents, Shape
from refnet.convolution import channel_sums, convolved, spread, weight_cotangent
from refnet.errors import OptionError
from refnet.geometry import PADDINGS, Geometry, geometry, padding_cause
from refnet.op import operation

LAYOUTS = ("NWC", "NCW")


@operation(analytic=True)
def conv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    *,
    stride: int = 1,
    padding: str | int | Sequence[int] = "VALID",
    dilation: int = 1,
    groups: int = 1,
    layout: str = "NWC",
) -> Array:
    """Return the cross-correlation of sequences with w, plus b (the kernel is not flipped).

    x (N, W, C), w (KW, C/groups, K), b (K,) -> y (N, W', K), dtype of x:

        y[n, s, k] = b[k] + sum over j, c of x[n, s stride + j dilation - before, c] w[j, c, k]

    where cells outside x are 0. With ``layout="NCW"`` they are x (N, C, W) and w (K, C/groups, KW),
    and y (N, K, W') is a transposed view of memory with channels last. ``padding`` is "SAME",
    "VALID", an int for both ends, or (before, after). Everything else is as in ``conv2d``, of which
    this is one column.

    VJP: dx = the adjoint of the windows applied to dy w^T, dw = windows^T dy, and db = dy, the last
    two summed over samples and places.

    Raises
    ------
    ShapeError
        If x, w and b are not of these shapes, or a window does not fit into the padded input.
    OptionError
        If an option is none of the above.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([1.0, 2.0, 4.0, 8.0]).reshape(1, 4, 1)
    >>> w = np.array([-1.0, 1.0]).reshape(2, 1, 1)
    >>> rn.conv1d(x, w)[0, :, 0]
    array([1., 2., 4.])
    >>> rn.conv1d(x, w, padding=(1, 0))[0, :, 0]
    array([1., 1., 2., 4.])
    """
    g = _geometry(x.shape, w.shape, stride, padding, dilation, groups, layout)
    y = convolved(_column(x, layout), _cells(w, layout), b, g, groups)
    return layouts.in_layout(y[:, :, 0], layout)


@conv1d.shape_rule
def _(
    x: Shape,
    w: Shape,
    b: Shape | None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    layout: Any,
) -> Shape:
    g = _geometry(x, w, stride, padding, dilation, groups, layout, b)
    k = w[0] if layout == "NCW" else w[-1]
    return layouts.shaped(x[0], g.out[:1], k, layout)


@conv1d.vjp_rule
def _(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    layout: str,
    wrt: tuple[str, ...],
) -> Cotangents:
    g = _geometry(x.shape, w.shape, stride, padding, dilation, groups, layout)
    d = _column(dy, layout)
    dx = dw = db = None
    if "x" in wrt:
        dx = layouts.in_layout(spread(d, _cells(w, layout), None, g, groups)[:, :, 0], layout)
    if "w" in wrt:
        dw = weight_cotangent(_column(x, layout), d, g, groups)
        dw = layouts.weights_in_layout(dw[:, 0], layout)
    if b is not None and "b" in wrt:
        db = channel_sums(d)
    return dx, dw, db


def _column(a: Array, layout: str) -> Array:
    """Return sequences as images (N, W, 1, C): the places are the rows, which go in blocks."""
    return layouts.channels_last(a, layout)[:, :, None]


def _cells(w: Array, layout: str) -> Array:
    return layouts.weights_last(w, layout)[:, None]


def _geometry(
    x: Shape,
    w: Shape,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    layout: Any,
    b: Shape | None = None,
) -> Geometry:
    checks.choice("conv1d", "layout", layout, LAYOUTS)
    size, kernel, _ = layouts.channels("conv1d", x, w, b, groups=groups, layout=layout)
    return geometry(
        "conv1d",
        (*size, 1),
        (*kernel, 1),
        stride=(checks.count("conv1d", "stride", stride, low=1), 1),
        padding=_padding(padding),
        dilation=(checks.count("conv1d", "dilation", dilation, low=1), 1),
        axes=("sequence", "column"),
    )


def _padding(padding: Any) -> Any:
    """Return the padding of the column."""
    if isinstance(padding, str) and padding in PADDINGS:
        return padding
    if isinstance(padding, Integral):
        padding = (padding, padding)
    if not isinstance(padding, list | tuple) or len(padding) != 2:
        raise OptionError(
            "conv1d",
            got=f"padding={padding!r}",
            needs="'SAME', 'VALID', an int or (before, after)",
            cause=padding_cause(padding, "Was the padding of an image meant?")
            if padding != "CAUSAL"
            else "That is (kernel - 1, 0).",
        )
    before, after = (checks.count("conv1d", "padding", n) for n in padding)
    return (before, after), (0, 0)
