"""Convolution and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.errors import OptionError
from refnet.graph import Node, apply
from refnet.op import ops
from refnet.tf1.values import pair, value


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Node:
    """Return the convolution (cross-correlation) of images with filters (KH, KW, C, K).

    ``strides`` and ``dilations`` are numbers, pairs or one number per axis of the images; padding
    is "SAME", "VALID" or explicit pads per axis.
    """
    x, w = pair(input, filter if filter is not None else filters)
    kernel = value(w)
    if data_format == "NCHW":  # TensorFlow's filters are HWIO whatever the images' layout
        from refnet.graph import transpose

        kernel = transpose(kernel, (3, 2, 0, 1))
    made: Node = apply(
        ops()["conv2d"],
        value(x),
        kernel,
        kind="Conv2D",
        name=name,
        stride=numbers("conv2d", "strides", strides, data_format),
        dilation=numbers("conv2d", "dilations", dilations, data_format),
        padding=padding_of("conv2d", padding, data_format),
        layout=data_format,
    )
    return made


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Node:
    """Return the maximum of each window; padded cells never are."""
    x = value if input is None else input
    return _pooled("max_pool2d", "MaxPool", x, ksize, strides, padding, data_format, name)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Node:
    """Return the maximum of each window; padded cells never are."""
    return max_pool(input, ksize, strides, padding, data_format, name)


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Node:
    """Return the mean of each window; padded cells do not count."""
    x = value if input is None else input
    return _pooled("avg_pool2d", "AvgPool", x, ksize, strides, padding, data_format, name)


def _pooled(
    called: str,
    kind: str,
    x: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str,
    name: str | None,
) -> Node:
    made: Node = apply(
        ops()[called],
        value(x),
        kind=kind,
        name=name,
        kernel=numbers(kind, "ksize", ksize, data_format),
        stride=numbers(kind, "strides", strides, data_format),
        padding=padding_of(kind, padding, data_format),
        layout=data_format,
    )
    return made


def numbers(op: str, name: str, given: Any, data_format: str) -> tuple[int, int]:
    """Return what is for rows and columns, of a number, a pair or one number per axis."""
    if data_format not in ("NHWC", "NCHW"):
        raise OptionError(
            op, got=f"data_format={data_format!r}", needs="'NHWC' or 'NCHW'", cause="Is it a typo?"
        )
    entries = [int(n) for n in np.atleast_1d(1 if given is None else given)]
    if len(entries) == 1:
        return entries[0], entries[0]
    if len(entries) == 2:
        return entries[0], entries[1]
    if len(entries) == 4:
        rows = 1 if data_format == "NHWC" else 2
        others = entries[0], entries[3 if rows == 1 else 1]
        if others == (1, 1):
            return entries[rows], entries[rows + 1]
    raise OptionError(
        op,
        got=f"{name}={given!r}",
        needs="1, 2 or 4 numbers, 1 along samples and channels",
        cause="[1, 2, 2, 1] is 2 along rows and columns of NHWC.",
    )


def padding_of(op: str, padding: Any, data_format: str) -> Any:
    """Return what refnet takes as padding, of a name or pads per axis."""
    if isinstance(padding, str) and padding.upper() in ("SAME", "VALID"):
        return padding.upper()
    rows = 1 if data_format == "NHWC" else 2
    if isinstance(padding, list | tuple) and len(padding) == 4:
        return tuple([(int(a), int(b)) for a, b in padding[rows : rows + 2]])
    raise OptionError(
        op,
        got=f"padding={padding!r}",
        needs="'SAME', 'VALID' or ((0, 0), (top, bottom), (left, right), (0, 0))",
        cause="Is the argument missing, or misspelt?",
    )
