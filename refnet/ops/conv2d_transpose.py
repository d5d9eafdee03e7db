"""Two-dimensional transposed convolution."""

from __future__ import annotations

from typing import Any

from refnet import layouts
from refnet.arrays import Array, Cotangents, Shape
from refnet.convolution import channel_sums, convolved, spread, weight_cotangent
from refnet.geometry import Geometry, Padding, Pair, check_layout, transposed_geometry
from refnet.op import operation


@operation(analytic=True)
def conv2d_transpose(
    x: Array,
    w: Array,
    b: Array | None = None,
    /,
    *,
    stride: int | Pair = 1,
    padding: Padding = "VALID",
    dilation: int | Pair = 1,
    groups: int = 1,
    output_padding: int | Pair = 0,
    layout: str = "NHWC",
) -> Array:
    """Return the adjoint of ``conv2d`` in its input, applied to x, plus b.

    x (N, H, W, C), w (KH, KW, K/groups, C), b (K,) -> y (N, H', W', K), dtype of x. w is the weight
    of the convolution from y's K channels to x's C (as TensorFlow's conv2d_transpose has it), and
    every x[n, r, s] adds its window w to y:

        y[n, r stride + i dilation - top, s stride + j dilation - left, k]
            = b[k] + sum of x[n, r, s, c] w[i, j, k, c]

    over all r, i, s, j, c that meet there. With ``layout="NCHW"`` they are x (N, C, H, W) and w (C,
    K/groups, KH, KW) (as PyTorch and ONNX have it), and y (N, K, H', W') is a transposed view of
    memory with channels last. Accumulation and memory are as in ``conv2d``.

    ``padding="SAME"`` makes H' = H stride (TensorFlow, and ONNX's SAME_UPPER). Otherwise H' =
    (H - 1) stride + (KH - 1) dilation + 1 - top - bottom + output_padding: pads are taken away, and
    ``output_padding``, an int or a pair, (rows, columns), adds cells at the end. It chooses among
    the sizes that the convolution takes to H, and is less than the stride or than the dilation.

    VJP: dx = conv2d(dy, w), dw = windows(dy)^T x, and db = dy, the last two summed over samples and
    places.

    Raises
    ------
    ShapeError
        If x, w and b are not of these shapes, or the pads leave nothing of y.
    OptionError
        If an option is none of the above, or output_padding is given beside SAME.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    >>> w = np.array([[1.0, 0.0], [0.0, 10.0]]).reshape(2, 2, 1, 1)
    >>> rn.conv2d_transpose(x, w)[0, :, :, 0]
    array([[ 1.,  2.,  0.],
           [ 3., 14., 20.],
           [ 0., 30., 40.]])
    >>> rn.conv2d_transpose(x, w, stride=2, padding="SAME").shape
    (1, 4, 4, 1)
    """
    g = _geometry(x.shape, w.shape, stride, padding, dilation, groups, output_padding, layout)
    values, weights = layouts.channels_last(x, layout), layouts.weights_last(w, layout)
    return layouts.in_layout(spread(values, weights, b, g, groups), layout)


@conv2d_transpose.shape_rule
def _(
    x: Shape,
    w: Shape,
    b: Shape | None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    output_padding: Any,
    layout: Any,
) -> Shape:
    g = _geometry(x, w, stride, padding, dilation, groups, output_padding, layout, b)
    k = (w[1] if layout == "NCHW" else w[-2]) * groups
    return layouts.shaped(x[0], g.size, k, layout)


@conv2d_transpose.vjp_rule
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
    output_padding: Any,
    layout: str,
    wrt: tuple[str, ...],
) -> Cotangents:
    g = _geometry(x.shape, w.shape, stride, padding, dilation, groups, output_padding, layout)
    d = layouts.channels_last(dy, layout)
    dx = dw = db = None
    if "x" in wrt:
        dx = convolved(d, layouts.weights_last(w, layout), None, g, groups)
        dx = layouts.in_layout(dx, layout)
    if "w" in wrt:
        dw = weight_cotangent(d, layouts.channels_last(x, layout), g, groups)
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
    output_padding: Any,
    layout: Any,
    b: Shape | None = None,
) -> Geometry:
    check_layout("conv2d_transpose", layout)
    size, kernel, _ = layouts.channels(
        "conv2d_transpose", x, w, b, groups=groups, layout=layout, transposed=True
    )
    return transposed_geometry(
        "conv2d_transpose",
        size,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        output_padding=output_padding,
    )
