"""Pooling: one value for each window of an image, or one for each of its channels."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import ShapeError
from refnet.geometry import Geometry, Padding, Pair, check_layout, geometry, inside, pair, step
from refnet.op import operation

Size: TypeAlias = int | Pair
Place: TypeAlias = tuple[Any, ...]
PART = 1 << 17  # elements that are worked on at a time
_INTEGER_OF_SIZE: dict[int, np.dtype[Any]] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}


@operation(analytic=False)
def max_pool2d(
    x: Array,
    /,
    *,
    kernel: Size,
    stride: Size | None = None,
    padding: Padding = "VALID",
    dilation: Size = 1,
    ceil_mode: bool = False,
    layout: str = "NHWC",
) -> Array:
    """Return the maximum of each window: x (N, H, W, C) -> y (N, H', W', C), dtype of x.

    Windows of ``kernel`` cells lie ``stride`` apart, by default the kernel, so that they tile x
    (PyTorch, Keras); :func:`refnet.geometry.geometry` says how many there are. ``ceil_mode`` adds
    one that starts in x or the pads before it and reaches beyond the pads after it; beside "SAME",
    which covers all of x by itself, it changes nothing. With
    ``layout="NCHW"`` x and y are (N, C, H, W). Pads count as -inf: they are never chosen, and a
    window that has no cell of x gives -inf, without a gradient. (Pads that wide, beyond half a
    kernel, are refused by PyTorch; ONNX has them.)

    A window's value is its first maximal cell in row-major order, with the sign of that cell where
    -0 and +0 tie. NaN counts as the largest value, so that it is not hidden.

    VJP: a window's cotangent goes to the cell that was chosen: of equal ones the first, as in
    PyTorch; of several NaN the first, as in numpy.argmax (PyTorch: the last). dx sums over the
    windows that chose a cell, from +0.

    Raises
    ------
    OptionError
        If kernel, stride or dilation is not one or two integers of at least 1, or the padding or
        the layout is none that there is, or ceil_mode is no bool.
    ShapeError
        If x has not four axes, or is with its pads smaller than a window (with
        ceil_mode, by a stride or more).
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[-1.0, -2.0, 5.0], [-3.0, -4.0, 5.0]]).reshape(1, 2, 3, 1)
    >>> rn.max_pool2d(x, kernel=2, stride=1)[0, :, :, 0]
    array([[-1.,  5.]])
    >>> (dx,) = rn.max_pool2d.vjp(np.array([[[[7.0], [8.0]]]]), x, kernel=2, stride=1)
    >>> dx[0, :, :, 0]
    array([[7., 0., 8.],
           [0., 0., 0.]])
    """
    g, channels_first = _geometry(
        "max_pool2d", x.shape, kernel, stride, padding, dilation, ceil_mode, layout
    )
    return _maxima(x, g, channels_first)


@max_pool2d.shape_rule
def _(x: Shape, **options: Any) -> Shape:
    g, channels_first = _geometry("max_pool2d", x, **options)
    return _shape(x, g.out, channels_first)


@max_pool2d.residual_rule
def _(x: Array, **options: Any) -> tuple[Array, Array]:
    # The VJP looks for the cells that equal y: for this very y, whatever becomes of the result.
    y = _maxima(x, *_geometry("max_pool2d", x.shape, **options))
    return y, y


@max_pool2d.vjp_rule
def _(dy: Array, x: Array, *, residual: Array, **options: Any) -> Cotangents:
    g, channels_first = _geometry("max_pool2d", x.shape, **options)
    every, disjoint = _cells(g, channels_first), _disjoint(g)
    dx = np.zeros(x.shape, x.dtype)
    for part in _parts(x):
        _pull_maxima(dx[part], dy[part], x[part], residual[part], every, disjoint)
    return (dx,)


@operation(analytic=True)
def avg_pool2d(
    x: Array,
    /,
    *,
    kernel: Size,
    stride: Size | None = None,
    padding: Padding = "VALID",
    dilation: Size = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = False,
    layout: str = "NHWC",
) -> Array:
    """Return the mean of each window: x (N, H, W, C) -> y (N, H', W', C), dtype of x.

    Windows lie as in :func:`max_pool2d`. A window's sum is divided by the number of its cells in x
    (TensorFlow, ONNX), or with ``count_include_pad`` by that of its cells in x and the pads
    (PyTorch's default); cells beyond the pads, which windows of ``ceil_mode`` reach, never count.
    A window that has no cell of x is the mean of nothing, NaN, unless its pads count: then 0. The
    half types, float16 and bfloat16, accumulate in float32.

    VJP: dx sums dy / n over the windows that a cell is in, n cells counting in each, from +0.

    Raises
    ------
    OptionError
        If kernel, stride or dilation is not one or two integers of at least 1, or the padding or
        the layout is none that there is, or ceil_mode or count_include_pad is no bool.
    ShapeError
        If x has not four axes, or is with its pads smaller than a window (with
        ceil_mode, by a stride or more).
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([1.0, 2.0, 6.0]).reshape(1, 1, 3, 1)
    >>> rn.avg_pool2d(x, kernel=(1, 2), padding="SAME").ravel()
    array([1.5, 6. ])
    >>> rn.avg_pool2d(x, kernel=(1, 2), padding="SAME", count_include_pad=True).ravel()
    array([1.5, 3. ])
    """
    g, channels_first = _geometry(
        "avg_pool2d", x.shape, kernel, stride, padding, dilation, ceil_mode, layout
    )
    every = _cells(g, channels_first)
    y = np.zeros(_shape(x.shape, g.out, channels_first), x.dtype)
    for part in _parts(x):
        total, given = y[part], x[part]
        for windows, cells in every:
            total[windows] += given[cells]
    y /= _counts(g, count_include_pad, channels_first, x.real.dtype)
    return y


@avg_pool2d.shape_rule
def _(x: Shape, *, count_include_pad: bool, **options: Any) -> Shape:
    checks.flag("avg_pool2d", "count_include_pad", count_include_pad)
    g, channels_first = _geometry("avg_pool2d", x, **options)
    return _shape(x, g.out, channels_first)


@avg_pool2d.vjp_rule
def _(dy: Array, x: Array, *, count_include_pad: bool, **options: Any) -> Cotangents:
    g, channels_first = _geometry("avg_pool2d", x.shape, **options)
    every, disjoint = _cells(g, channels_first), _disjoint(g)
    dx = np.zeros(x.shape, dy.dtype)
    shares = dy / _counts(g, count_include_pad, channels_first, dy.real.dtype)
    for part in _parts(x):
        total, share = dx[part], shares[part]
        for windows, cells in every:
            if disjoint:
                np.add(share[windows], 0, out=total[cells])  # -0 becomes +0, as in any sum
            else:
                total[cells] += share[windows]
    return (dx,)


@operation(analytic=False)
def global_max_pool2d(x: Array, /, *, layout: str = "NHWC", keepdims: bool = False) -> Array:
    """Return the maximum of each channel: x (N, H, W, C) -> y (N, C), dtype of x.

    With ``keepdims`` y is (N, 1, 1, C). With ``layout="NCHW"`` x is (N, C, H, W), and y (N, C) or
    (N, C, 1, 1). As in :func:`max_pool2d` the value is the first maximal cell in row-major order,
    NaN counting as the largest, and that of no cells is -inf.

    VJP: a cotangent goes to the cell that was chosen, the first of equal ones.

    Raises
    ------
    OptionError
        If the layout is none that there is, or keepdims is no bool.
    ShapeError
        If x has not four axes.
    DtypeError
        If x is not of a real float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 2, 2, 1)
    >>> rn.global_max_pool2d(x)
    array([[3.]])
    >>> rn.global_max_pool2d.vjp(np.array([[5.0]]), x)[0][0, :, :, 0]
    array([[0., 5.],
           [0., 0.]])
    """
    return _maxima_of_channels(x, layout, keepdims)[0]


@global_max_pool2d.shape_rule
def _(x: Shape, *, layout: str, keepdims: bool) -> Shape:
    return _global_shape("global_max_pool2d", x, layout, keepdims)


@global_max_pool2d.residual_rule
def _(x: Array, *, layout: str, keepdims: bool) -> tuple[Array, Array | None]:
    return _maxima_of_channels(x, layout, keepdims)


@global_max_pool2d.vjp_rule
def _(dy: Array, x: Array, *, residual: Array | None, layout: str, keepdims: bool) -> Cotangents:
    dx = np.zeros(x.shape, x.dtype)
    if residual is not None:
        flat, axis = _flat(dx, layout)
        np.put_along_axis(flat, residual, dy.reshape(residual.shape) + 0, axis)
    return (dx,)


@operation(analytic=True)
def global_avg_pool2d(x: Array, /, *, layout: str = "NHWC", keepdims: bool = False) -> Array:
    """Return the mean of each channel: x (N, H, W, C) -> y (N, C), dtype of x.

    With ``keepdims`` y is (N, 1, 1, C). With ``layout="NCHW"`` x is (N, C, H, W), and y (N, C) or
    (N, C, 1, 1). The mean of no cells is NaN. The half types, float16
    and bfloat16, accumulate in float32.

    VJP: dx = dy / (H W).

    Raises
    ------
    OptionError
        If the layout is none that there is, or keepdims is no bool.
    ShapeError
        If x has not four axes.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.global_avg_pool2d(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 4.]])
    """
    total = np.sum(x, axis=_spatial(layout), keepdims=keepdims)
    return np.asarray(total / _cells_of_channel(x.shape, layout))


@global_avg_pool2d.shape_rule
def _(x: Shape, *, layout: str, keepdims: bool) -> Shape:
    return _global_shape("global_avg_pool2d", x, layout, keepdims)


@global_avg_pool2d.vjp_rule
def _(dy: Array, x: Array, *, layout: str, keepdims: bool) -> Cotangents:
    share = dy / _cells_of_channel(x.shape, layout) + 0  # -0 becomes +0, as in any sum
    if not keepdims:
        share = np.expand_dims(share, _spatial(layout))
    return (np.broadcast_to(share, x.shape).copy(),)


def _geometry(
    op: str,
    shape: Shape,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    layout: Any,
) -> tuple[Geometry, bool]:
    """Return where windows lie, and whether the channels come first."""
    channels_first = _check_image(op, shape, layout)
    return geometry(
        op,
        shape[2:] if channels_first else shape[1:3],
        pair(op, "kernel", kernel),
        stride=kernel if stride is None else stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=checks.flag(op, "ceil_mode", ceil_mode),
    ), channels_first


def _check_image(op: str, shape: Shape, layout: Any) -> bool:
    """Refuse what is no batch of images; return whether the channels come first."""
    channels_first = check_layout(op, layout)
    if len(shape) != 4:
        raise ShapeError(
            op,
            got=f"x {shape}",
            needs=f"x {'(N, C, H, W)' if channels_first else '(N, H, W, C)'}",
            cause="Is the batch or the channel axis missing? A sequence is one row, H = 1.",
        )
    return channels_first


def _shape(x: Shape, out: Pair, channels_first: bool) -> Shape:
    return (*x[:2], *out) if channels_first else (x[0], *out, x[3])


def _cells(g: Geometry, channels_first: bool) -> list[tuple[Place, Place]]:
    """Return, for each cell of a window in row-major order, where it lies in the input.

    An entry has two indices of slices: of the windows whose cell is one of the input's and no pad,
    and of these cells in the input.
    """
    rows, columns = ([_along(g, axis, i) for i in range(g.kernel[axis])] for axis in (0, 1))
    lead = (...,) if channels_first else (slice(None),)
    return [
        ((*lead, row[0], column[0]), (*lead, row[1], column[1]))
        for row in rows
        for column in columns
    ]


def _along(g: Geometry, axis: int, i: int) -> tuple[slice, slice]:
    """Return the windows whose i-th cell along ``axis`` is in the input, and these cells."""
    first = i * g.dilation[axis] - g.pads[axis][0]
    return inside(first, g.stride[axis], g.size[axis], slice(0, g.out[axis]))


def _disjoint(g: Geometry) -> bool:
    """Return whether no two windows share a cell."""
    return g.stride[0] >= g.span[0] and g.stride[1] >= g.span[1]


def _parts(x: Array) -> list[slice]:
    """Return slices of a few samples each, which stay in the processor's cache."""
    samples = max(1, PART // max(1, x[:1].size))
    return [slice(i, i + samples) for i in range(0, len(x), samples)]


def _maxima(x: Array, g: Geometry, channels_first: bool) -> Array:
    """Return each window's first maximal cell."""
    y = np.full(_shape(x.shape, g.out, channels_first), -np.inf, x.dtype)
    every = _cells(g, channels_first)
    for part in _parts(x):
        high, given = y[part], x[part]
        for windows, cells in every:
            np.maximum(high[windows], given[cells], out=high[windows])
    if (y == 0).any() and _has_negative_zeros(x):
        # Which of two zeros maximum returns depends on the CPU: here the first is written last.
        for windows, cells in reversed(every):
            np.copyto(y[windows], x[cells], where=x[cells] == y[windows])
    return y


def _pull_maxima(
    dx: Array, dy: Array, x: Array, y: Array, every: list[tuple[Place, Place]], disjoint: bool
) -> None:
    """Add each window's dy to the dx of its first cell that is y, or NaN where y is."""
    dy = dy + 0  # a -0 becomes +0, as in any sum from +0
    free = np.ones(y.shape, bool)
    some_nan = bool(np.isnan(y).any())
    for windows, cells in every:
        chosen = x[cells] == y[windows]
        if some_nan:
            chosen |= np.isnan(x[cells])
        chosen &= free[windows]
        free[windows] ^= chosen
        if disjoint:
            _keep(dy[windows], chosen, dx[cells])
        else:
            kept = np.empty(chosen.shape, dy.dtype)
            _keep(dy[windows], chosen, kept)
            dx[cells] += kept


def _has_negative_zeros(x: Array) -> bool:
    integer = _INTEGER_OF_SIZE.get(x.dtype.itemsize)
    if integer is None:
        return bool((np.signbit(x) & (x == 0)).any())
    # All bits of -0 but the sign are 0, which is the smallest integer.
    return bool(x.view(integer).min() == np.iinfo(integer).min)


def _keep(a: Array, mask: Array, out: Array) -> None:
    """Write ``a`` where ``mask``, +0 elsewhere.

    This is ``np.where(mask, a, 0)`` by bits, without branches: all ones (-1) keep a value.
    """
    integer = _INTEGER_OF_SIZE.get(a.dtype.itemsize)
    if integer is None:
        out[...] = np.where(mask, a, 0)
    else:
        bits = (-mask.view(np.int8)).astype(integer)
        np.bitwise_and(bits, a.view(integer), out=out.view(integer))


def _counts(g: Geometry, pads_count: bool, channels_first: bool, dtype: np.dtype[Any]) -> Any:
    """Return the number of cells that count in each window: one, or an array like the windows."""
    rows, columns = (_counts_along(g, axis, pads_count) for axis in (0, 1))
    counts = np.outer(rows, columns)
    n = g.kernel[0] * g.kernel[1]
    if (counts == n).all():
        return n
    found = np.where(counts, counts, np.nan).astype(dtype)
    return found if channels_first else found[..., None]


def _counts_along(g: Geometry, axis: int, pads_count: bool) -> Array:
    """Return the number of cells that count in each window along ``axis``."""
    before, after = g.pads[axis]
    n, k = g.out[axis], g.kernel[axis]
    first = np.arange(n)[:, None] * step(g.stride[axis], n)
    at = first + np.arange(k) * step(g.dilation[axis], k)
    if pads_count:
        counting = at < before + g.size[axis] + after
    else:
        counting = (at >= before) & (at < before + g.size[axis])
    return np.asarray(counting.sum(axis=1))


def _global_shape(op: str, x: Shape, layout: Any, keepdims: Any) -> Shape:
    channels_first = _check_image(op, x, layout)
    if checks.flag(op, "keepdims", keepdims):
        return _shape(x, (1, 1), channels_first)
    return (x[0], x[1] if channels_first else x[3])


def _spatial(layout: str) -> Pair:
    return (2, 3) if layout == "NCHW" else (1, 2)


def _cells_of_channel(x: Shape, layout: str) -> float:
    h, w = _spatial(layout)
    return x[h] * x[w] or np.nan


def _flat(x: Array, layout: str) -> tuple[Array, int]:
    """Return x with its rows and columns as one axis, and that axis."""
    if layout == "NCHW":
        return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3]), 2
    return x.reshape(x.shape[0], x.shape[1] * x.shape[2], x.shape[3]), 1


def _maxima_of_channels(x: Array, layout: str, keepdims: bool) -> tuple[Array, Array | None]:
    """Return each channel's first maximal cell, and its number: None if there are no cells."""
    shape = _global_shape("global_max_pool2d", x.shape, layout, keepdims)
    flat, axis = _flat(x, layout)
    if not flat.shape[axis]:
        return np.full(shape, -np.inf, x.dtype), None
    chosen = np.argmax(flat, axis=axis, keepdims=True)
    return np.take_along_axis(flat, chosen, axis).reshape(shape), chosen
