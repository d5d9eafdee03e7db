"""Pooling."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.windows import Axis, axes


def family(torch: Any) -> Family:
    """Return pooling."""
    functional = torch.nn.functional

    def channels_first(pool: Any) -> Any:
        def pooled(x: Any, *, layout: str = "NHWC", **options: Any) -> Any:
            if layout == "NCHW":
                return pool(x, **options)
            return pool(x.permute(0, 3, 1, 2), **options).permute(0, 2, 3, 1)

        return pooled

    def padded(x: Any, rows: Axis, columns: Axis, value: float) -> Any:
        return functional.pad(x, (*columns[4:6], *rows[4:6]), value=value)

    def max_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        rows, columns = both = axes(x.shape[2:], kernel, stride, padding, dilation, ceil_mode)
        pads = [a.before for a in both]
        if not all(a.of_torch for a in both):
            x, pads = padded(x, rows, columns, -torch.inf), [0, 0]
        kernels, strides, dilations = ([a[i] for a in both] for i in (1, 2, 3))
        y = functional.max_pool2d(x, kernels, strides, pads, dilations, ceil_mode)
        # Where the pads are part of x a window may start in those after it.
        return y[:, :, : rows.out, : columns.out]

    def avg_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = False,
    ) -> Any:
        rows, columns = both = axes(x.shape[2:], kernel, stride, padding, dilation, ceil_mode)
        kernels, strides, dilations = ([a[i] for a in both] for i in (1, 2, 3))
        if all(a.of_torch for a in both) and dilations == [1, 1]:
            pads = [a.before for a in both]
            return functional.avg_pool2d(x, kernels, strides, pads, ceil_mode, count_include_pad)

        def sums(cells: Any) -> Any:
            beyond = [
                (a.out - 1) * a.stride + a.span - cells.shape[2 + i] for i, a in enumerate(both)
            ]
            below, right = (max(n, 0) for n in beyond)
            wide = functional.pad(cells, (0, right, 0, below))
            columns_of = functional.unfold(wide, kernels, dilations, 0, strides)
            shape = (*x.shape[:2], kernels[0] * kernels[1], rows.out, columns.out)
            return columns_of.reshape(shape).sum(2)

        count = padded(torch.ones_like(x), rows, columns, float(count_include_pad))
        return sums(padded(x, rows, columns, 0.0)) / sums(count)

    def whole(pool: Any) -> Any:
        def pooled(x: Any, layout: str = "NHWC", keepdims: bool = False) -> Any:
            y = channels_first(pool)(x, layout=layout, output_size=1)
            return y if keepdims else y.flatten(1)

        return pooled

    return Family(
        {
            "avg_pool2d": channels_first(avg_pool2d),
            "global_avg_pool2d": whole(functional.adaptive_avg_pool2d),
            "global_max_pool2d": whole(functional.adaptive_max_pool2d),
            "max_pool2d": channels_first(max_pool2d),
        },
        rounds_between=frozenset({"avg_pool2d", "max_pool2d"}),
    )
