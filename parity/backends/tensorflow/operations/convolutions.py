"""The convolutions, channels last: TensorFlow's CPU kernels have no others.

They have no groups either, and no derivative with dilation: groups are convolved one by one, and a
dilated kernel is one with zeros between its cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return the convolutions."""

    def dilated(w: Any, dilation: Any) -> Any:
        """Return a kernel (KH, KW, C, K) with zeros between its rows and columns."""
        rows, columns = _pair(dilation)
        if rows == columns == 1:
            return w
        kh, kw, *channels = w.shape
        cells = tf.reshape(w, (kh, 1, kw, 1, *channels))
        wide = tf.pad(cells, [(0, 0), (0, rows - 1), (0, 0), (0, columns - 1), (0, 0), (0, 0)])
        whole = tf.reshape(wide, (kh * rows, kw * columns, *channels))
        return whole[: (kh - 1) * rows + 1, : (kw - 1) * columns + 1]

    def by_groups(convolve: Callable[..., Any], x: Any, w: Any, groups: int, axis: int) -> Any:
        """Return what each group of channels gives; ``axis`` is w's that the groups divide."""
        if groups == 1:
            return convolve(x, w)
        pairs = zip(tf.split(x, groups, axis=-1), tf.split(w, groups, axis=axis), strict=True)
        return tf.concat([convolve(*pair) for pair in pairs], -1)

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
        if layout == "NCHW":
            x, w = tf.transpose(x, (0, 2, 3, 1)), tf.transpose(w, (2, 3, 1, 0))
        w, strides, pads = dilated(w, dilation), _pair(stride), _explicit(padding)
        if 1 < groups == x.shape[-1] and strides[0] == strides[1]:
            kh, kw, _, k = w.shape
            multiplied = tf.reshape(w, (kh, kw, groups, k // groups))
            y = tf.nn.depthwise_conv2d(x, multiplied, (1, *strides, 1), pads)
        else:
            y = by_groups(lambda a, v: tf.nn.conv2d(a, v, strides, pads), x, w, groups, -1)
        y = y if b is None else tf.nn.bias_add(y, b)
        return tf.transpose(y, (0, 3, 1, 2)) if layout == "NCHW" else y

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
        if layout == "NCHW":
            x, w = tf.transpose(x, (0, 2, 3, 1)), tf.transpose(w, (2, 3, 1, 0))
        w, strides, pads = dilated(w, dilation), _pair(stride), _explicit(padding)
        n, *size = x.shape[:3]
        full = [(m - 1) * s + k for m, s, k in zip(size, strides, w.shape[:2], strict=True)]
        sides = [(0, 0), (0, 0)] if isinstance(pads, str) else pads[1:3]
        extra = _pair(output_padding)
        if padding == "SAME":
            whole = [m * s for m, s in zip(size, strides, strict=True)]
        else:
            whole = [f - sum(p) + e for f, p, e in zip(full, sides, extra, strict=True)]
        beyond = padding != "SAME" and any(e >= s for e, s in zip(extra, strides, strict=True))

        def convolve(a: Any, v: Any) -> Any:
            if not beyond:
                return tf.nn.conv2d_transpose(a, v, (n, *whole, v.shape[2]), strides, pads)
            # A convolution over as much as this would give more cells than x has, which TensorFlow
            # refuses: the cells that nothing reaches are padded.
            y = tf.nn.conv2d_transpose(a, v, (n, *full, v.shape[2]), strides, "VALID")
            ends = [before + size for (before, _), size in zip(sides, whole, strict=True)]
            after = [(0, max(end - f, 0)) for end, f in zip(ends, full, strict=True)]
            y = tf.pad(y, [(0, 0), *after, (0, 0)])
            return y[:, sides[0][0] : ends[0], sides[1][0] : ends[1]]

        y = by_groups(convolve, x, w, groups, -1)
        y = y if b is None else tf.nn.bias_add(y, b)
        return tf.transpose(y, (0, 3, 1, 2)) if layout == "NCHW" else y

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
        if layout == "NCW":
            x, w = tf.transpose(x, (0, 2, 1)), tf.transpose(w, (2, 1, 0))
        w = dilated(w[:, None], (dilation, 1))[:, 0]
        if not isinstance(padding, str):
            x, padding = tf.pad(x, [(0, 0), _pair(padding), (0, 0)]), "VALID"
        y = by_groups(lambda a, v: tf.nn.conv1d(a, v, stride, padding), x, w, groups, -1)
        y = y if b is None else tf.nn.bias_add(y, b)
        return tf.transpose(y, (0, 2, 1)) if layout == "NCW" else y

    every: dict[str, Callable[..., Any]] = {
        "conv1d": conv1d,
        "conv2d": conv2d,
        "conv2d_transpose": conv2d_transpose,
    }
    return Family(every, rounds_between=frozenset(every))


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else tuple(value)


def _explicit(padding: Any) -> Any:
    """Return padding as TensorFlow takes it, by axis of the batch."""
    if isinstance(padding, str):
        return padding
    return [(0, 0), *(_pair(p) for p in _pair(padding)), (0, 0)]
