"""Bounds of pooling.

A maximum is one of its cells, so nothing rounds. Its VJP sums the cotangents of the m windows that
chose a cell: gamma(m - 1) sum|dy| (Higham 2002, eq. 4.4, for any order of summation), exact where
windows do not overlap.

An average of n cells is a sum, off by gamma(n - 1) sum|x|, which the division rounds once more:
gamma(n) sum|x| / count; adding the zeros of pads is exact. Its VJP sums dy / count over the m
windows that a cell is in: gamma(m) sum|dy / count|. A quotient that underflows is off by eta / 2.

Which cells a window has is worked out here by itself, from the result's shape.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound
from parity.bounds.windows import channels_last, in_layout


class Windows(NamedTuple):
    """The cells of all windows: an axis of windows and one of cells, in row-major order.

    Attributes
    ----------
    rows, columns : array of int
        Of each cell, in the input; clipped to it where the cell is a pad.
    real : array of bool
        Whether a cell is the input's.
    counted : array of bool
        Whether it is the input's or a pad's, and no overhang's.
    """

    rows: Array
    columns: Array
    real: Array
    counted: Array


def _windows(x: Array, out: tuple[int, ...], options: dict[str, Any]) -> Windows:
    """Return the windows on x (N, H, W, C) that make a result of ``out`` rows and columns."""
    kernel, stride, dilation = (
        np.broadcast_to(v, 2)
        for v in (options["kernel"], options["stride"] or options["kernel"], options["dilation"])
    )
    at, real, counted = [], [], []
    for i in (0, 1):
        size = x.shape[1 + i]
        before, after = _pads(
            options["padding"], i, size, out[i], kernel[i], stride[i], dilation[i]
        )
        starts = np.arange(out[i])[:, None] * stride[i]
        cell = starts + np.arange(kernel[i]) * dilation[i] - before
        at.append(np.clip(cell, 0, max(size - 1, 0)))
        real.append((cell >= 0) & (cell < size))
        counted.append(cell < size + after)

    def crossed(rows: Array, columns: Array) -> tuple[Array, Array]:
        shape = (len(rows), len(columns), rows.shape[1], columns.shape[1])
        flat = (shape[0] * shape[1], shape[2] * shape[3])
        r = np.broadcast_to(rows[:, None, :, None], shape)
        c = np.broadcast_to(columns[None, :, None, :], shape)
        return r.reshape(flat), c.reshape(flat)

    return Windows(
        *crossed(*at), np.logical_and(*crossed(*real)), np.logical_and(*crossed(*counted))
    )


def _pads(
    padding: Any, axis: int, size: int, out: int, kernel: int, stride: int, dilation: int
) -> tuple[int, int]:
    if padding == "VALID":
        return 0, 0
    if padding == "SAME":
        total = max((out - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
        return total // 2, total - total // 2
    return (padding, padding) if isinstance(padding, int) else tuple(padding[axis])


def _max(a: Arithmetic, y: Array, x: Array, **options: Any) -> float:
    return 0.0


def _max_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    x, dy = (channels_last(v, options["layout"]) for v in (x, dy))
    w = _windows(x, dy.shape[1:3], options)
    cells = np.where(w.real[..., None], x[:, w.rows, w.columns], -np.inf)  # (N, windows, cells, C)
    high = cells.max(axis=2, keepdims=True)
    equal = w.real[..., None] & ((cells == high) | np.isnan(cells))
    chosen = equal & (np.cumsum(equal, axis=2) == 1)  # the first
    sizes = np.abs(dy).reshape(len(dy), len(w.rows), 1, dy.shape[3])
    total, m = (_scattered(x, w, np.where(chosen, v, 0)) for v in (sizes, 1))
    return [in_layout(a.gamma(np.maximum(m - 1, 0)) * total, options["layout"])]


def _avg(a: Arithmetic, y: Array, x: Array, **options: Any) -> Any:
    x, shape = channels_last(x, options["layout"]), channels_last(y, options["layout"]).shape
    w = _windows(x, shape[1:3], options)
    sums = np.where(w.real[..., None], np.abs(x[:, w.rows, w.columns]), 0).sum(axis=2)
    n = w.real.sum(axis=1)[:, None]
    limit = a.gamma(n) * sums / _count(w, options) + a.eta
    return in_layout(limit.reshape(shape), options["layout"])


def _avg_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    x, dy = (channels_last(v, options["layout"]) for v in (x, dy))
    w = _windows(x, dy.shape[1:3], options)
    shares = np.abs(dy).reshape(len(dy), len(w.rows), dy.shape[3]) / _count(w, options)
    real = w.real[..., None]
    total, m = (_scattered(x, w, np.where(real, v, 0)) for v in (shares[:, :, None], 1))
    return [in_layout(a.gamma(m) * total + m * a.eta, options["layout"])]


def _count(w: Windows, options: dict[str, Any]) -> Array:
    counting = w.counted if options["count_include_pad"] else w.real
    return np.asarray(counting.sum(axis=1)[:, None])


def _scattered(x: Array, w: Windows, values: Array) -> Array:
    """Return the sum of each cell's values over the windows that it is in, like x."""
    total = np.zeros(x.shape, x.dtype)
    place: Any = (slice(None), w.rows, w.columns)
    np.add.at(total, place, np.broadcast_to(values, (len(x), *w.rows.shape, x.shape[3])))
    return total


def _global_max_vjp(*_: Any, **__: Any) -> list[float]:
    return [0.0]


def _global_avg(a: Arithmetic, y: Array, x: Array, *, layout: str, keepdims: bool) -> Any:
    axes = (2, 3) if layout == "NCHW" else (1, 2)
    n = x.shape[axes[0]] * x.shape[axes[1]]
    return a.gamma(n) * np.abs(x).sum(axis=axes, keepdims=keepdims) / n + a.eta


def _global_avg_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [a.gamma(1) * np.abs(cotangents[0]) + a.eta]


bound("avg_pool2d", _avg, _avg_vjp)
bound("global_avg_pool2d", _global_avg, _global_avg_vjp)
bound("global_max_pool2d", _max, _global_max_vjp)
bound("max_pool2d", _max, _max_vjp)
