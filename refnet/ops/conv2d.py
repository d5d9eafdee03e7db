"""Two-dimensional convolution."""

from __future__ import annotations

from typing import Any

from refnet import layouts
from refnet.arrays import Array, Cotangents, Shape
from refnet.convolution import channel_sums, convolved, spread, weight_cotangent
from refnet.geometry import Geometry, Padding, Pair, check_layout, geometry
from refnet.op import operation


@operation(analytic=True)
def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    *,
    stride: int | Pair = 1,
    padding: Padding = "VALID",
    dilation: int | Pair = 1,
    groups: int = 1,
    layout: str = "NHWC",
) -> Array:
    """Return the cross-correlation of images with w, plus b (the kernel is not flipped).

    x (N, H, W, C), w (KH, KW, C/groups, K), b (K,) -> y (N, H', W', K), dtype of x:

        y[n, r, s, k] = b[k] + sum over i, j, c of
            x[n, r stride + i dilation - top, s stride + j dilation - left, c] w[i, j, c, k]

    where cells outside x are 0. With ``layout="NCHW"`` they are x (N, C, H, W) and w (K, C/groups,
    KH, KW), and y (N, K, H', W') is a transposed view of memory with channels last. Group g of K
    / groups results sees group g of C / groups channels; groups = C is a depthwise convolution,
    whose result m + c K/C is the m-th of channel c. The half types accumulate in float32, the
    others in their own.

    ``padding`` is "SAME" (H' = ceil(H / stride), TensorFlow's rule, the odd cell after), "VALID"
    (none), an int for all four sides or ((top, bottom), (left, right)), for which H' = floor((H +
    top + bottom - (KH - 1) dilation - 1) / stride) + 1 (Dumoulin & Visin 2016). ``stride`` and
    ``dilation`` are an int or a pair, (rows, columns).

    Windows are gathered and multiplied in blocks of samples, or of rows of one sample, so that
    memory beyond x and y is two buffers, of windows and of x with its pads, each of at most 1 MiB,
    or of the size of w or of one row of windows where that is more. In the half types it holds x
    and y in float32 as well.

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
    >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> w = np.array([[1.0, 0.0], [0.0, -1.0]]).reshape(2, 2, 1, 1)
    >>> rn.conv2d(x, w)[0, :, :, 0]
    array([[-4., -4.],
           [-4., -4.]])
    >>> rn.conv2d(x, w, padding="SAME")[0, :, :, 0]
    array([[-4., -4.,  2.],
           [-4., -4.,  5.],
           [ 6.,  7.,  8.]])
    >>> dx, dw = rn.conv2d.vjp(np.ones((1, 2, 2, 1)), x, w)[:2]
    >>> dw[:, :, 0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    g = _geometry(x.shape, w.shape, stride, padding, dilation, groups, layout)
    values, weights = layouts.channels_last(x, layout), layouts.weights_last(w, layout)
    return layouts.in_layout(convolved(values, weights, b, g, groups), layout)


@conv2d.shape_rule
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
    k = w[0] if layout == "NCHW" else w[-1]
    return layouts.shaped(x[0], g.out, k, layout)


@conv2d.vjp_rule
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
    d = layouts.channels_last(dy, layout)
    dx = dw = db = None
    if "x" in wrt:
        dx = spread(d, layouts.weights_last(w, layout), None, g, groups)
        dx = layouts.in_layout(dx, layout)
    if "w" in wrt:
        dw = weight_cotangent(layouts.channels_last(x, layout), d, g, groups)
        dw = layouts.weights_in_layout(dw, layout)
    if b is not None and "b" in wrt:
        db = channel_sums(d)
    return dx, dw, db


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
    check_layout("conv2d", layout)
    size, kernel, _ = layouts.channels("conv2d", x, w, b, groups=groups, layout=layout)
    return geometry("conv2d", size, kernel, stride=stride, padding=padding, dilation=dilation)
