"""The other convolutions: of sequences, transposed, dilated, depthwise and separable."""

from __future__ import annotations

from typing import Any

from refnet.errors import OptionError, ShapeError
from refnet.graph import Node, apply
from refnet.graph.sources import known_lengths
from refnet.op import ops
from refnet.tf1.arrays import reshape
from refnet.tf1.nn.windows import conv2d, numbers, padding_of
from refnet.tf1.values import pair, static, value

_value = value


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Node:
    """Return the convolution of sequences (N, W, C) with filters (KW, C, K).

    Raises
    ------
    OptionError
        If ``data_format`` is not "NWC", or padding neither "SAME" nor "VALID".
    """
    if data_format not in (None, "NWC", "NHWC") or not isinstance(padding, str):
        raise OptionError(
            "conv1d",
            got=f"{data_format=}, {padding=}",
            needs="data_format='NWC' and padding 'SAME' or 'VALID'",
            cause="Is the argument missing? A transpose makes NWC.",
        )
    x, w = pair(value if input is None else input, filters)
    made: Node = apply(
        ops()["conv1d"],
        _value(x),
        _value(w),
        kind="conv1d",
        name=name,
        stride=_one("stride", stride),
        dilation=_one("dilations", dilations),
        padding=padding.upper(),
    )
    return made


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: str = "SAME",
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Node:
    """Return the transposed convolution with filters (KH, KW, K, C) to ``output_shape``.

    Raises
    ------
    OptionError
        For a layout other than NHWC.
    ShapeError
        If rows or columns are not known when the graph is made, or nothing of that shape leads,
        convolved, to the input's.
    """
    x = _value(value if input is None else input)
    w = _value(filter if filters is None else filters, x.dtype)
    if data_format != "NHWC":
        raise OptionError(
            "conv2d_transpose", got=f"{data_format=}", needs="'NHWC'", cause="transpose makes it."
        )
    target = static(output_shape)
    wanted = known_lengths(target) if isinstance(target, Node) else target
    known: Any = [x.dims and x.dims[1:3], w.dims and w.dims[:2], wanted and wanted[1:3]]
    if any(dims is None or None in dims for dims in known):
        raise ShapeError(
            f"conv2d_transpose of {x.name!r}",
            got=f"shapes {x.shape} and {w.shape}, and {wanted} for the result",
            needs="rows and columns that are known when the graph is made",
            cause="Only the number of samples may be computed.",
        )
    stride = numbers("conv2d_transpose", "strides", strides, data_format)
    dilation = numbers("conv2d_transpose", "dilations", dilations, data_format)
    pads, more = [], []
    for n, k, m, s, d in zip(*known, stride, dilation, strict=True):
        reach = (n - 1) * s + (k - 1) * d + 1
        total = (
            max(reach - m, 0) if padding_of("conv2d_transpose", padding, "NHWC") == "SAME" else 0
        )
        pads.append((total // 2, total - total // 2))
        more.append(m - (reach - total))
    if min(more) < 0:
        raise ShapeError(
            f"conv2d_transpose of {x.name!r}",
            got=f"the shape {wanted} for the result",
            needs=f"one that a convolution of stride {stride} takes to {x.shape}",
            cause="With SAME it is the input's, times the stride.",
        )
    made: Node = apply(
        ops()["conv2d_transpose"],
        x,
        w,
        kind="conv2d_transpose",
        name=name,
        stride=stride,
        dilation=dilation,
        padding=tuple(pads),
        output_padding=tuple(more),
    )
    return made


def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: str, name: str | None = None
) -> Node:
    """Return the convolution whose filters have ``rate`` - 1 holes between their entries."""
    return conv2d(value, filters, 1, padding, dilations=rate, name=name)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Node:
    """Return the convolution of each channel with filters (KH, KW, C, M) of its own.

    Channel c has the results c M to c M + M - 1.
    """
    if data_format not in (None, "NHWC"):
        raise OptionError(
            "depthwise_conv2d", got=f"{data_format=}", needs="'NHWC'", cause="transpose makes it."
        )
    x, w = (_value(v) for v in pair(input, filter))
    if w.dims is None or len(w.dims) != 4 or None in w.dims:
        raise ShapeError(
            f"depthwise_conv2d of {x.name!r}",
            got=f"filters of shape {w.shape}",
            needs="(rows, columns, channels, results per channel)",
            cause="Was a placeholder made with None there?",
        )
    rows, columns, channels, each = (n or 0 for n in w.dims)
    made: Node = apply(
        ops()["conv2d"],
        x,
        reshape(w, [rows, columns, 1, channels * each]),
        kind="depthwise",
        name=name,
        stride=numbers("depthwise_conv2d", "strides", strides, "NHWC"),
        dilation=numbers("depthwise_conv2d", "rate", dilations or rate, "NHWC"),
        padding=padding_of("depthwise_conv2d", padding, "NHWC"),
        groups=channels,
    )
    return made


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Node:
    """Return a depthwise convolution, and one with filters (1, 1, C M, K) on its result."""
    spread = depthwise_conv2d(
        input, depthwise_filter, strides, padding, rate, None, data_format, dilations
    )
    return conv2d(spread, pointwise_filter, 1, "VALID", name=name)


def _one(name: str, given: Any) -> int:
    """Return what is along the sequence, of a number or one per axis (N, W, C)."""
    every = [1] if given is None else [given] if isinstance(given, int) else list(given)
    if len(every) == 3 and every[0] == every[2] == 1:
        every = every[1:2]
    if len(every) != 1:
        raise OptionError(
            "conv1d", got=f"{name}={given!r}", needs="1 or 3 numbers", cause="[1, 2, 1] is 2."
        )
    return int(every[0])
