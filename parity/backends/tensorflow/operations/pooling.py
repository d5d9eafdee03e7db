"""Pooling, channels last.

TensorFlow's kernels know no dilation (beside a stride), no windows that begin in the padding after,
and no padding as wide as the kernel: there the windows' cells are laid side by side first.
"""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.windows import Axis, axes


def family(tf: Any) -> Family:
    """Return pooling."""

    def channels_last(pool: Any) -> Any:
        def pooled(x: Any, *, layout: str = "NHWC", **options: Any) -> Any:
            if layout == "NHWC":
                return pool(x, **options)
            return tf.transpose(pool(tf.transpose(x, (0, 2, 3, 1)), **options), (0, 3, 1, 2))

        return pooled

    def padded(x: Any, both: list[Axis], value: float) -> Any:
        return tf.pad(x, [(0, 0), *(a[4:6] for a in both), (0, 0)], constant_values=value)

    def side_by_side(x: Any, both: list[Axis], value: float) -> Any:
        """Return the windows' cells, those beyond x of ``value``, one window after the other."""
        ends = [(a.out - 1) * a.stride + a.span for a in both]
        beyond = [(0, max(end - n, 0)) for end, n in zip(ends, x.shape[1:3], strict=True)]
        x = tf.pad(x, [(0, 0), *beyond, (0, 0)], constant_values=value)
        for axis, a in enumerate(both, start=1):
            windows = range(a.out)
            cells = [i * a.stride + j * a.dilation for i in windows for j in range(a.kernel)]
            x = tf.gather(x, cells, axis=axis)
        return x

    def max_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        both = axes(x.shape[1:3], kernel, stride, padding, dilation, ceil_mode)
        kernels, strides = ([a[i] for a in both] for i in (1, 2))
        plain = not ceil_mode and all(a.dilation == 1 for a in both)
        if plain and isinstance(padding, str):
            return tf.nn.max_pool(x, kernels, strides, padding)
        if plain and all(max(a.before, a.after) < a.kernel for a in both):
            pads = [(0, 0), *(a[4:6] for a in both), (0, 0)]
            return tf.nn.max_pool(x, kernels, strides, pads)
        cells = side_by_side(padded(x, both, x.dtype.min), both, x.dtype.min)
        return tf.nn.max_pool(cells, kernels, kernels, "VALID")

    def avg_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = False,
    ) -> Any:
        both = axes(x.shape[1:3], kernel, stride, padding, dilation, ceil_mode)
        kernels, strides = ([a[i] for a in both] for i in (1, 2))
        plain = not ceil_mode and all(a.dilation == 1 for a in both)
        if plain and (padding == "VALID" or (padding == "SAME" and not count_include_pad)):
            return tf.nn.avg_pool(x, kernels, strides, padding)
        counted = padded(tf.ones_like(x), both, float(count_include_pad))
        sums, counts = (
            tf.nn.avg_pool(side_by_side(each, both, 0.0), kernels, kernels, "VALID")
            for each in (padded(x, both, 0.0), counted)
        )
        return sums / counts

    def whole(pool: Any) -> Any:
        def pooled(x: Any, layout: str = "NHWC", keepdims: bool = False) -> Any:
            rows, columns = (1, 2) if layout == "NHWC" else (2, 3)
            kernel = (x.shape[rows], x.shape[columns])
            y = channels_last(pool)(x, layout=layout, kernel=kernel)
            return y if keepdims else tf.squeeze(y, (rows, columns))

        return pooled

    return Family(
        {
            "avg_pool2d": channels_last(avg_pool2d),
            "global_avg_pool2d": whole(avg_pool2d),
            "global_max_pool2d": whole(max_pool2d),
            "max_pool2d": channels_last(max_pool2d),
        },
        rounds_between=frozenset({"avg_pool2d", "global_avg_pool2d", "max_pool2d"}),
    )
