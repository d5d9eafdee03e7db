"""Bounds of conv1d, conv2d and conv2d_transpose.

All are sums of products in some order: gamma(n) times the sum of absolute values for n terms
(Higham 2002, eq. 3.5), of which the bias is one, and n eta for products that underflow. A term that
meets a pad is zero and rounds nothing.

- The convolution, and the cotangent of a transposed one: n = KH KW C/groups, with at most
  ceil(H / d) for KH where the cells are d apart, likewise for KW.
- The cotangent of a convolution, and the transposed one: each place is met by at most
  ceil(KH / (s / gcd(s, d))) rows of cells where windows are s apart and their cells d, and by one
  of each window, likewise by columns, and by K/groups channels.
- The weights' cotangent: n = N H' W', the windows, added up in blocks or not. The bias's: as many
  as it has places.

This file evaluates the sums cell by cell of the kernel, apart from refnet's own code.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, count
from parity.bounds.windows import channels_last, in_layout


class Sums(NamedTuple):
    """A convolution with its windows' places, on arrays (N, H, W, C) and (KH, KW, C/groups, K)."""

    size: tuple[int, ...]  # of the convolution's input, without pads
    kernel: tuple[int, ...]
    out: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: tuple[tuple[int, ...], ...]
    groups: int

    def convolved(self, x: Array, w: Array) -> Array:
        """Return the convolution."""
        wide = np.pad(x, ((0, 0), *self._room(), (0, 0)))
        y = np.zeros((len(x), *self.out, w.shape[3]), x.dtype)
        for i, j in np.ndindex(self.kernel):
            y += self._through(wide[:, *self._places(i, j)], w[i, j])
        return y

    def spread(self, d: Array, w: Array) -> Array:
        """Return its adjoint in x."""
        room = self._room()
        size = tuple(n + sum(pads) for n, pads in zip(self.size, room, strict=True))
        wide = np.zeros((len(d), *size, w.shape[2] * self.groups), d.dtype)
        for i, j in np.ndindex(self.kernel):
            wide[:, *self._places(i, j)] += self._through(d, self._turned(w[i, j]))
        (top, _), (left, _) = room
        return wide[:, top : top + self.size[0], left : left + self.size[1]]

    def weights(self, x: Array, d: Array) -> Array:
        """Return its adjoint in w."""
        wide = np.pad(x, ((0, 0), *self._room(), (0, 0)))
        c, k = x.shape[3] // self.groups, d.shape[3]
        dw = np.zeros((*self.kernel, c, k), x.dtype)
        by_group = d.reshape(*d.shape[:3], self.groups, k // self.groups)
        for i, j in np.ndindex(self.kernel):
            cells = wide[:, *self._places(i, j)].reshape(*d.shape[:3], self.groups, c)
            dw[i, j] = np.einsum("nrsgc,nrsgk->cgk", cells, by_group).reshape(c, k)
        return dw

    def inside(self) -> int:
        """Return how many cells of a window may lie inside the input."""
        return math.prod(
            min(k, -(-n // d))
            for n, k, d in zip(self.size, self.kernel, self.dilation, strict=True)
        )

    def meeting(self) -> int:
        """Return how many windows may have a cell at one place."""
        return math.prod(
            min(o, -(-k // (s // math.gcd(s, d))))
            for o, k, s, d in zip(self.out, self.kernel, self.stride, self.dilation, strict=True)
        )

    def _room(self) -> list[tuple[int, int]]:
        """Return the pads, and those after so wide that every window lies inside."""
        room = []
        for i, (before, after) in enumerate(self.pads):
            reach = (self.out[i] - 1) * self.stride[i] + (self.kernel[i] - 1) * self.dilation[i] + 1
            room.append((before, max(after, reach - self.size[i] - before)))
        return room

    def _places(self, i: int, j: int) -> tuple[slice, slice]:
        rows, columns = (
            slice(cell * d, cell * d + s * n, s)
            for cell, d, s, n in zip((i, j), self.dilation, self.stride, self.out, strict=True)
        )
        return rows, columns

    def _through(self, a: Array, w: Array) -> Array:
        """Return a (N, R, S, C) times w (C/groups, K), group by group."""
        split = a.reshape(*a.shape[:3], self.groups, w.shape[0])
        by_group = w.reshape(w.shape[0], self.groups, -1)
        product = np.einsum("nrsgc,cgk->nrsgk", split, by_group)
        return np.asarray(product.reshape(*a.shape[:3], w.shape[1]))

    def _turned(self, w: Array) -> Array:
        """Return w (C/groups, K) as (K/groups, C)."""
        c, k = w.shape
        by_group = w.reshape(c, self.groups, k // self.groups)
        return by_group.transpose(2, 1, 0).reshape(k // self.groups, self.groups * c)


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else tuple(value)


def _sums(
    x: tuple[int, ...],
    w: tuple[int, ...],
    y: tuple[int, ...],
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Sums:
    """Return the convolution from x to y; all shapes are channels last."""
    size, kernel, out = x[1:3], w[:2], y[1:3]
    step, apart = _pair(stride), _pair(dilation)
    if padding == "SAME":
        pads = []
        for n, k, o, s, d in zip(size, kernel, out, step, apart, strict=True):
            total = max((o - 1) * s + (k - 1) * d + 1 - n, 0)
            pads.append((total // 2, total - total // 2))
    elif padding == "VALID":
        pads = [(0, 0), (0, 0)]
    else:
        pads = [_pair(p) for p in _pair(padding)]
    return Sums(size, kernel, out, step, apart, tuple(pads), groups)


def _with_bias(a: Arithmetic, n: int, size: Array, b: Array | None) -> Any:
    if b is None:
        return a.gamma(n) * size + n * a.eta
    return a.gamma(n + 1) * (size + np.abs(b)) + n * a.eta


def _bias(a: Arithmetic, dy: Array, b: Array | None) -> Any:
    """Return the limit of db, from dy with its channels last."""
    if b is None:
        return None
    n = count(dy.shape[:-1])
    return a.gamma(max(n - 1, 0)) * np.abs(dy).sum(axis=tuple(range(dy.ndim - 1)))


def _conv2d(
    a: Arithmetic, y: Array, x: Array, w: Array, b: Array | None, *, layout: str, **options: Any
) -> Any:
    x, w, y = (
        channels_last(np.abs(x), layout),
        _weights(np.abs(w), layout),
        channels_last(y, layout),
    )
    sums = _sums(x.shape, w.shape, y.shape, **options)
    return in_layout(_with_bias(a, sums.inside() * w.shape[2], sums.convolved(x, w), b), layout)


def _conv2d_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    *,
    layout: str,
    **options: Any,
) -> Any:
    x, w, d = (
        channels_last(np.abs(x), layout),
        _weights(np.abs(w), layout),
        channels_last(np.abs(dy), layout),
    )
    sums = _sums(x.shape, w.shape, d.shape, **options)
    dx = _with_bias(a, sums.meeting() * w.shape[3] // sums.groups, sums.spread(d, w), None)
    dw = _with_bias(a, count(d.shape[:3]), sums.weights(x, d), None)
    return in_layout(dx, layout), _weights_back(dw, layout), _bias(a, d, b)


def _conv2d_transpose(
    a: Arithmetic,
    y: Array,
    x: Array,
    w: Array,
    b: Array | None,
    *,
    layout: str,
    output_padding: Any,
    **options: Any,
) -> Any:
    x, w, y = (
        channels_last(np.abs(x), layout),
        _weights(np.abs(w), layout),
        channels_last(y, layout),
    )
    sums = _sums(y.shape, w.shape, x.shape, **options)
    n = sums.meeting() * w.shape[3] // sums.groups
    return in_layout(_with_bias(a, n, sums.spread(x, w), b), layout)


def _conv2d_transpose_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    *,
    layout: str,
    output_padding: Any,
    **options: Any,
) -> Any:
    x, w, d = (
        channels_last(np.abs(x), layout),
        _weights(np.abs(w), layout),
        channels_last(np.abs(dy), layout),
    )
    sums = _sums(d.shape, w.shape, x.shape, **options)
    dx = _with_bias(a, sums.inside() * w.shape[2], sums.convolved(d, w), None)
    dw = _with_bias(a, count(x.shape[:3]), sums.weights(d, x), None)
    return in_layout(dx, layout), _weights_back(dw, layout), _bias(a, d, b)


def _conv1d(
    a: Arithmetic, y: Array, x: Array, w: Array, b: Array | None, *, layout: str, **options: Any
) -> Any:
    options["layout"] = "NCHW" if layout == "NCW" else "NHWC"
    limit = _conv2d(a, _row(y, layout), _row(x, layout), _row_of(w, layout), b, **_rows(options))
    return _squeezed(limit, layout)


def _conv1d_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    *,
    layout: str,
    **options: Any,
) -> Any:
    options["layout"] = "NCHW" if layout == "NCW" else "NHWC"
    args = (_row(dy, layout), _row(x, layout), _row_of(w, layout), b)
    dx, dw, db = _conv2d_vjp(a, None, *args, **_rows(options))
    return _squeezed(dx, layout), dw[:, :, 0] if layout == "NCW" else dw[0], db


def _rows(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of sequences as those of images of one row."""
    padding = options["padding"]
    if not isinstance(padding, str):
        padding = ((0, 0), _pair(padding))
    pairs = {name: (1, options[name]) for name in ("stride", "dilation")}
    return {**options, **pairs, "padding": padding}


def _row(a: Array, layout: str) -> Array:
    return a[:, :, None] if layout == "NCW" else a[:, None]


def _row_of(w: Array, layout: str) -> Array:
    return w[:, :, None] if layout == "NCW" else w[None]


def _squeezed(a: Array, layout: str) -> Array:
    return a[:, :, 0] if layout == "NCW" else a[:, 0]


def _weights(w: Array, layout: str) -> Array:
    return w.transpose(2, 3, 1, 0) if layout == "NCHW" else w


def _weights_back(w: Array, layout: str) -> Array:
    return w.transpose(3, 2, 0, 1) if layout == "NCHW" else w


bound("conv1d", _conv1d, _conv1d_vjp)
bound("conv2d", _conv2d, _conv2d_vjp)
bound("conv2d_transpose", _conv2d_transpose, _conv2d_transpose_vjp)
