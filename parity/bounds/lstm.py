"""Bounds of lstm_cell and lstm, by the rules of running errors.

The four z are sums of C + H products, a bias and, for i, f and o, a peephole's product; the gates
follow by the slopes of sigmoid and tanh. c' = f c + i g is a sum of two products of values that are
in error, o sees c' through its peephole, and h' = o tanh(c'). A sequence hands the limits of h and
c on from step to step.

The VJP's formulas, as lstm_cell states them, run the same way backwards, from the gates with their
limits; the weights' cotangents are sums over N samples and T steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from parity.bounds import running as r
from parity.bounds.base import Arithmetic, Array, bound
from parity.bounds.rnn import Steps, rows, shared_vjp
from parity.bounds.running import Running


class _Step(NamedTuple):
    """What one step gave: the state and the memory before and after it, and the gates."""

    h: Running
    c: Running
    i: Running
    f: Running
    g: Running
    o: Running
    c_next: Running
    squashed: Running
    h_next: Running


class _Weights(NamedTuple):
    """The weights, and where the gates lie in them."""

    w_x: Array
    w_h: Array
    b: Array | None
    p: Array | None
    gates: str

    def block(self, gate: str) -> slice:
        """Return the columns of a gate."""
        k, hidden = self.gates.index(gate), self.w_h.shape[0]
        return slice(k * hidden, (k + 1) * hidden)

    def peephole(self, gate: str, like: Running) -> Running:
        """Return a gate's peephole."""
        assert self.p is not None
        row = self.p[self.gates.replace("g", "").index(gate)]
        return r.exact(np.broadcast_to(row, like.v.shape))


def _stepped(a: Arithmetic, x: Running, h: Running, c: Running, w: _Weights) -> _Step:
    def z(gate: str, memory: Running) -> Running:
        columns = w.block(gate)
        terms = [] if w.b is None else [r.exact(np.broadcast_to(w.b[columns], h.v.shape))]
        if w.p is not None and gate != "g":
            terms.append(r.product(a, w.peephole(gate, memory), memory))
        products = [(x, r.exact(w.w_x[:, columns])), (h, r.exact(w.w_h[:, columns]))]
        return r.total(a, products, terms)

    i, f, g = r.sigmoid(a, z("i", c)), r.sigmoid(a, z("f", c)), r.tanh(a, z("g", c))
    c_next = r.total(a, [], [r.product(a, f, c), r.product(a, i, g)])
    o, squashed = r.sigmoid(a, z("o", c_next)), r.tanh(a, c_next)
    return _Step(h, c, i, f, g, o, c_next, squashed, r.product(a, o, squashed))


def _stepped_vjp(
    a: Arithmetic, s: _Step, dh: Running, dc: Running, w: _Weights
) -> tuple[Running, Running]:
    """Return the cotangents of z and of c."""
    dz = {"o": r.product(a, dh, s.squashed, r.sigmoid_slope(a, s.o))}
    terms = [dc, r.product(a, dh, s.o, r.tanh_slope(a, s.squashed))]
    if w.p is not None:
        terms.append(r.product(a, w.peephole("o", s.c), dz["o"]))
    dc = r.total(a, [], terms)
    dz["i"] = r.product(a, dc, s.g, r.sigmoid_slope(a, s.i))
    dz["f"] = r.product(a, dc, s.c, r.sigmoid_slope(a, s.f))
    dz["g"] = r.product(a, dc, s.i, r.tanh_slope(a, s.g))
    terms = [r.product(a, dc, s.f)]
    if w.p is not None:
        terms += [r.product(a, w.peephole(gate, s.c), dz[gate]) for gate in "if"]
    return r.joined([dz[gate] for gate in w.gates]), r.total(a, [], terms)


def _peepholes(a: Arithmetic, dz: Running, c: Running, c_next: Running, w: _Weights) -> Array:
    """Return limits on the cotangent of p, from those of all z (n, 4H)."""
    memory = {"i": c, "f": c, "o": c_next}
    letters = w.gates.replace("g", "")
    parts = [r.summed(a, r.product(a, dz[:, w.block(k)], memory[k])).e for k in letters]
    return np.stack(parts)


def _cell(
    a: Arithmetic,
    y: Any,
    x: Array,
    h: Array,
    c: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    gates: str,
) -> Any:
    s = _stepped(a, r.exact(x), r.exact(h), r.exact(c), _Weights(w_x, w_h, b, p, gates))
    return s.h_next.e, s.c_next.e


def _cell_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: tuple[Array, Array],
    x: Array,
    h: Array,
    c: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    gates: str,
) -> Any:
    w = _Weights(w_x, w_h, b, p, gates)
    s = _stepped(a, r.exact(x), r.exact(h), r.exact(c), w)
    dz, dc = _stepped_vjp(a, s, r.exact(dy[0]), r.exact(dy[1]), w)
    dx, dw_x, db = shared_vjp(a, dz, r.exact(x), w_x, b)
    dh = r.total(a, [(dz, r.exact(w_h.T))]).e
    dw_h = r.total(a, [(s.h.T, dz)]).e
    dp = None if p is None else _peepholes(a, dz, s.c, s.c_next, w)
    return dx, dh, dc.e, dw_x, dw_h, db, dp


def _forward(
    a: Arithmetic, steps: Steps, xs: Running, h0: Array, c0: Array, w: _Weights
) -> tuple[dict[int, _Step], Running, Running]:
    """Return the steps, and the last state and memory."""
    h, c = r.exact(h0), r.exact(c0)
    found = {}
    for t in steps.order:
        found[t] = s = _stepped(a, xs[t], h, c, w)
        h = r.chosen(steps.active[t], s.h_next, h)
        c = r.chosen(steps.active[t], s.c_next, c)
    return found, h, c


def _lstm(
    a: Arithmetic,
    y: tuple[Array, ...],
    xs: Array,
    h0: Array,
    c0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    gates: str,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    w = _Weights(w_x, w_h, b, p, gates)
    found, h, c = _forward(a, steps, steps.inputs(xs), h0, c0, w)
    hs = steps.gathered({t: s.h_next for t, s in found.items()}, y[0])
    return hs.e, h.e, c.e


def _lstm_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: tuple[Array, ...],
    xs: Array,
    h0: Array,
    c0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    gates: str,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    w = _Weights(w_x, w_h, b, p, gates)
    x = steps.inputs(xs)
    found, *_ = _forward(a, steps, x, h0, c0, w)
    dhs, dh, dc = steps.inputs(dy[0]), r.exact(dy[1]), r.exact(dy[2])
    dzs = {}
    for t in reversed(steps.order):
        active = steps.active[t]
        dh = r.total(a, [], [dh, dhs[t]])
        dz, dc_before = _stepped_vjp(a, found[t], dh, dc, w)
        dzs[t] = r.chosen(active, dz, 0.0)
        dh = r.chosen(active, r.total(a, [(dzs[t], r.exact(w_h.T))]), dh)
        dc = r.chosen(active, dc_before, dc)
    dz = steps.gathered(dzs, np.zeros((*xs.shape[:2], w_h.shape[1]), xs.dtype))
    dxs, dw_x, db = shared_vjp(a, dz, x, w_x, b)

    def gathered(name: str) -> Running:
        return rows(steps.gathered({t: getattr(s, name) for t, s in found.items()}, dy[0]))

    dw_h = r.total(a, [(gathered("h").T, rows(dz))]).e
    dp = None if p is None else _peepholes(a, rows(dz), gathered("c"), gathered("c_next"), w)
    return np.where(steps.active, dxs, 0), dh.e, dc.e, dw_x, dw_h, db, dp


bound("lstm_cell", _cell, _cell_vjp)
bound("lstm", _lstm, _lstm_vjp)
