"""Bounds of rnn_cell and rnn, by the rules of running errors.

One step is f(z) with z a sum of C + H products and a bias, so z is off by gamma(C + H + 1) times
the same sum of absolute values, plus |h's error| |w_h|; tanh multiplies that by its slope and adds
s u |h'|, relu is exact. A sequence starts from an exact state and hands the limit on: E_t from
E_(t-1), as the recursion does. Steps beyond a sample's end copy state and limit.

The VJP runs the same way backwards: the slope 1 - y^2 from a y that is off by E_t, its product with
the cotangent, the sum over the columns of w_h, and the next step's cotangent to it. The weights'
cotangents are sums over N samples and T steps, of products of two values with limits of their own.

relu's slope is exact, but where |z| is within its limit either slope is right, and what multiplies
it is the limit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from parity.bounds import running as r
from parity.bounds.base import Arithmetic, Array, bound, count
from parity.bounds.running import Running


class Steps(NamedTuple):
    """Which samples have which step, and the order in which the steps are taken."""

    order: range
    active: Array  # (T, N, 1)

    @classmethod
    def of(cls, xs: Array, lengths: Array | None, reverse: bool) -> Steps:
        """Return the steps of a sequence (T, N, C)."""
        t, n = xs.shape[:2]
        ends = np.full(n, t) if lengths is None else np.asarray(lengths)
        order = range(t - 1, -1, -1) if reverse else range(t)
        return cls(order, np.arange(t)[:, None, None] < ends[:, None])

    def inputs(self, xs: Array) -> Running:
        """Return xs with zeros beyond the ends."""
        return r.exact(np.where(self.active, xs, 0))

    def gathered(self, parts: dict[int, Running], like: Array) -> Running:
        """Return what the steps gave, (T, N, H) with exact zeros beyond the ends."""
        if not parts:
            return r.exact(like)
        return r.chosen(self.active, r.stacked([parts[t] for t in range(len(parts))]), 0.0)


def rows(x: Running) -> Running:
    """Return x (T, N, H) as a matrix (T N, H)."""
    shape = (count(x.v.shape[:-1]), x.v.shape[-1])
    return Running(x.v.reshape(shape), x.e.reshape(shape))


def shared_vjp(
    a: Arithmetic, dz: Running, xs: Running, w_x: Array, b: Array | None
) -> tuple[Array, Array, Array | None]:
    """Return limits on the cotangents of xs, w_x and b, from that of all steps' xs w_x + b."""
    dxs = r.total(a, [(dz, r.exact(w_x.T))])
    dw = r.total(a, [(rows(xs).T, rows(dz))])
    return dxs.e, dw.e, None if b is None else r.summed(a, rows(dz)).e


def _stepped(
    a: Arithmetic, x: Running, h: Running, w_x: Array, w_h: Array, b: Array | None, activation: str
) -> tuple[Running, Running]:
    """Return z and f(z)."""
    terms = [] if b is None else [r.exact(np.broadcast_to(b, h.v.shape))]
    z = r.total(a, [(x, r.exact(w_x)), (h, r.exact(w_h))], terms)
    if activation == "tanh":
        return z, r.tanh(a, z)
    return z, Running(np.maximum(z.v, 0), np.where((z.v < -z.e) | np.isneginf(z.v), 0, z.e))


def _through(a: Arithmetic, z: Running, y: Running, dy: Running, activation: str) -> Running:
    """Return the cotangent of z from that of y = f(z)."""
    if activation == "tanh":
        return r.product(a, r.tanh_slope(a, y), dy)
    undecided = (z.e > 0) & (np.abs(z.v) <= z.e)
    dz = r.chosen(z.v <= 0, r.exact(np.zeros_like(dy.v)), dy)
    return Running(dz.v, np.where(undecided, dy.size, dz.e))


def _cell(
    a: Arithmetic,
    y: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    activation: str,
) -> Any:
    return _stepped(a, r.exact(x), r.exact(h), w_x, w_h, b, activation)[1].e


def _cell_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    activation: str,
) -> Any:
    z, y = _stepped(a, r.exact(x), r.exact(h), w_x, w_h, b, activation)
    dz = _through(a, z, r.saved(a, y), r.exact(dy), activation)
    dx, dw_x, db = shared_vjp(a, dz, r.exact(x), w_x, b)
    dh = r.total(a, [(dz, r.exact(w_h.T))])
    return dx, dh.e, dw_x, r.total(a, [(r.exact(h).T, dz)]).e, db


def _forward(
    a: Arithmetic,
    steps: Steps,
    xs: Running,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    activation: str,
) -> tuple[dict[int, Running], dict[int, Running], dict[int, Running], Running]:
    """Return z, the states before and after each step, and the last one."""
    h = r.exact(h0)
    zs, before, after = {}, {}, {}
    for t in steps.order:
        before[t] = h
        zs[t], after[t] = _stepped(a, xs[t], h, w_x, w_h, b, activation)
        h = r.chosen(steps.active[t], after[t], h)
    return zs, before, after, h


def _rnn(
    a: Arithmetic,
    y: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    activation: str,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    *_, after, last = _forward(a, steps, steps.inputs(xs), h0, w_x, w_h, b, activation)
    return steps.gathered(after, y[0]).e, last.e


def _rnn_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    activation: str,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    x = steps.inputs(xs)
    zs, before, after, _ = _forward(a, steps, x, h0, w_x, w_h, b, activation)
    dhs, dh = steps.inputs(dy[0]), r.exact(dy[1])
    dzs = {}
    for t in reversed(steps.order):
        dh = r.total(a, [], [dh, dhs[t]])
        dz = _through(a, zs[t], after[t], dh, activation)
        dzs[t] = r.chosen(steps.active[t], dz, 0.0)
        dh = r.chosen(steps.active[t], r.total(a, [(dzs[t], r.exact(w_h.T))]), dh)
    dz = steps.gathered(dzs, dy[0])
    dxs, dw_x, db = shared_vjp(a, dz, x, w_x, b)
    old = steps.gathered(before, dy[0])
    dw_h = r.total(a, [(rows(old).T, rows(dz))])
    return np.where(steps.active, dxs, 0), dh.e, dw_x, dw_h.e, db


bound("rnn_cell", _cell, _cell_vjp)
bound("rnn", _rnn, _rnn_vjp)
