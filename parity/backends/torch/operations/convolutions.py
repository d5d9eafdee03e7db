"""The convolutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return the convolutions."""
    functional = torch.nn.functional

    def conv2d(
        x: Any,
        w: Any,
        b: Any,
        stride: Any = 1,
        padding: Any = "VALID",
        dilation: Any = 1,
        groups: int = 1,
        layout: str = "NHWC",
    ) -> Any:
        if layout == "NHWC":
            # Weights with their channels last and one of them are refused in float64.
            x, w = x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1).contiguous()
        step, apart = _pair(stride), _pair(dilation)
        out = [-(-n // s) for n, s in zip(x.shape[2:], step, strict=True)]
        (top, bottom), (left, right) = _pads(padding, x.shape[2:], w.shape[2:], out, step, apart)
        if (top, left) == (bottom, right):
            y = functional.conv2d(x, w, b, step, (top, left), apart, groups)
        else:
            wide = functional.pad(x, (left, right, top, bottom))
            y = functional.conv2d(wide, w, b, step, 0, apart, groups)
        return y.permute(0, 2, 3, 1) if layout == "NHWC" else y

    def conv2d_transpose(
        x: Any,
        w: Any,
        b: Any,
        stride: Any = 1,
        padding: Any = "VALID",
        dilation: Any = 1,
        groups: int = 1,
        output_padding: Any = 0,
        layout: str = "NHWC",
    ) -> Any:
        if layout == "NHWC":
            # Weights with their channels last and one of them are refused in float64.
            x, w = x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1).contiguous()
        step, apart, extra = _pair(stride), _pair(dilation), _pair(output_padding)
        size = [n * s for n, s in zip(x.shape[2:], step, strict=True)]
        pads = _pads(padding, size, w.shape[2:], x.shape[2:], step, apart)
        if padding == "SAME":
            windows = zip(size, x.shape[2:], w.shape[2:], step, apart, pads, strict=True)
            extra = [n + sum(p) - (m - 1) * s - (k - 1) * d - 1 for n, m, k, s, d, p in windows]
        (top, bottom), (left, right) = pads
        both = (top, left) if (top, left) == (bottom, right) else (0, 0)
        y = functional.conv_transpose2d(x, w, b, step, both, extra, groups, apart)
        if both != (bottom, right):
            y = functional.pad(y, (-left, -right, -top, -bottom))
        return y.permute(0, 2, 3, 1) if layout == "NHWC" else y

    def conv1d(
        x: Any,
        w: Any,
        b: Any,
        stride: int = 1,
        padding: Any = "VALID",
        dilation: int = 1,
        groups: int = 1,
        layout: str = "NWC",
    ) -> Any:
        if layout == "NWC":
            x, w = x.permute(0, 2, 1), w.permute(2, 1, 0)
        named = isinstance(padding, str)
        sides = padding if named else (_pair(padding), (0, 0))
        size, kernel = (x.shape[2], 1), (w.shape[2], 1)
        out = (-(-x.shape[2] // stride), 1)
        before, after = _pads(sides, size, kernel, out, (stride, 1), (dilation, 1))[0]
        if before != after:
            x = functional.pad(x, (before, after))
            before = 0
        y = functional.conv1d(x, w, b, stride, before, dilation, groups)
        return y.permute(0, 2, 1) if layout == "NWC" else y

    every: dict[str, Callable[..., Any]] = {
        "conv1d": conv1d,
        "conv2d": conv2d,
        "conv2d_transpose": conv2d_transpose,
    }
    # oneDNN accumulates in float32 and rounds once, on CPUs for which it has the half types.
    has = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled
    mkldnn = torch.ops.mkldnn
    once = has and mkldnn._is_mkldnn_bf16_supported() and mkldnn._is_mkldnn_fp16_supported()
    return Family(every, rounds_between=frozenset(() if once else every))


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else tuple(value)


def _pads(padding: Any, size: Any, kernel: Any, out: Any, stride: Any, dilation: Any) -> Any:
    """Return the pads before and after each axis; ``out`` is SAME's number of windows."""
    if padding == "VALID":
        return ((0, 0), (0, 0))
    if padding != "SAME":
        return tuple(_pair(p) for p in _pair(padding))
    totals = [
        max((o - 1) * s + (k - 1) * d + 1 - n, 0)
        for n, k, o, s, d in zip(size, kernel, out, stride, dilation, strict=True)
    ]
    return tuple((total // 2, total - total // 2) for total in totals)
