"""Bounds of gru_cell and gru, by the rules of running errors.

r and z are sigmoids of sums of C + H products and two biases. With reset_after n is tanh of a sum
of C products, a bias and r q, where q is a sum of H products and a bias; without it, of a sum of
C + H products and two biases, among them those of r h, which is in error. h' = (1 - z) n + z h: an
error of z is multiplied by h - n alone, for both terms see the same z. A sequence hands the limit
of h on from step to step.

The VJP's formulas, as gru_cell states them, run the same way backwards, from the gates with their
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
    """What one step gave: the state before and after it, the gates, and q.

    q is what r multiplies, or has multiplied: h w_hn + b_hn with reset_after, r h without.
    """

    h: Running
    r: Running
    z: Running
    n: Running
    q: Running
    h_next: Running


class _Weights(NamedTuple):
    """The weights, and where the gates lie in them."""

    w_x: Array
    w_h: Array
    b: Array | None
    b_h: Array | None
    gates: str
    reset_after: bool

    def block(self, gate: str) -> slice:
        """Return the columns of a gate."""
        k, hidden = self.gates.index(gate), self.w_h.shape[0]
        return slice(k * hidden, (k + 1) * hidden)

    def inputs(self, gate: str) -> Running:
        """Return the weights of x for a gate."""
        return r.exact(self.w_x[:, self.block(gate)])

    def states(self, gate: str) -> Running:
        """Return the weights of h for a gate."""
        return r.exact(self.w_h[:, self.block(gate)])

    def biases(self, gate: str, which: str, h: Running) -> list[Running]:
        """Return the biases for a gate that are given, out of ``which``."""
        given = [{"b": self.b, "b_h": self.b_h}[name] for name in which.split()]
        return [
            r.exact(np.broadcast_to(v[self.block(gate)], h.v.shape)) for v in given if v is not None
        ]


def _stepped(a: Arithmetic, x: Running, h: Running, w: _Weights) -> _Step:
    def gate(name: str) -> Running:
        products = [(x, w.inputs(name)), (h, w.states(name))]
        return r.sigmoid(a, r.total(a, products, w.biases(name, "b b_h", h)))

    reset, z = gate("r"), gate("z")
    if w.reset_after:
        q = r.total(a, [(h, w.states("n"))], w.biases("n", "b_h", h))
        terms = [*w.biases("n", "b", h), r.product(a, reset, q)]
        n = r.tanh(a, r.total(a, [(x, w.inputs("n"))], terms))
    else:
        q = r.product(a, reset, h)
        products = [(x, w.inputs("n")), (q, w.states("n"))]
        n = r.tanh(a, r.total(a, products, w.biases("n", "b b_h", h)))
    return _Step(h, reset, z, n, q, r.blend(a, z, n, h))


def _stepped_vjp(
    a: Arithmetic, s: _Step, dh: Running, w: _Weights
) -> tuple[Running, Running, Running]:
    """Return the cotangents of x w_x + b, of h w_h + b_h, and of h."""
    rest = Running(1 - s.z.v, s.z.e + a.u * (np.abs(1 - s.z.v) + s.z.e))
    gap = r.total(a, [], [s.h, Running(-s.n.v, s.n.e)])
    da = {
        "n": r.product(a, dh, rest, r.tanh_slope(a, s.n)),
        "z": r.product(a, dh, gap, r.sigmoid_slope(a, s.z)),
    }
    terms = [r.product(a, dh, s.z)]
    if w.reset_after:
        da["r"] = r.product(a, da["n"], s.q, r.sigmoid_slope(a, s.r))
        dm = {**da, "n": r.product(a, da["n"], s.r)}
        before = r.joined([dm[k] for k in w.gates])
        dh = r.total(a, [(before, r.exact(w.w_h.T))], terms)
    else:
        dq = r.total(a, [(da["n"], w.states("n").T)])
        da["r"] = r.product(a, dq, s.h, r.sigmoid_slope(a, s.r))
        before = r.joined([da[k] for k in w.gates])
        terms.append(r.product(a, dq, s.r))
        dh = r.total(a, [(da[k], w.states(k).T) for k in "rz"], terms)
    return r.joined([da[k] for k in w.gates]), before, dh


def _weights(a: Arithmetic, dm: Running, h: Running, q: Running, w: _Weights) -> Array:
    """Return limits on the cotangent of w_h, from that of all h w_h + b_h (n, 3H)."""
    dw = np.array(r.total(a, [(h.T, dm)]).e)
    if not w.reset_after:
        dw[:, w.block("n")] = r.total(a, [(q.T, dm[:, w.block("n")])]).e
    return dw


def _cell(
    a: Arithmetic,
    y: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    gates: str,
    reset_after: bool,
) -> Any:
    w = _Weights(w_x, w_h, b, b_h, gates, reset_after)
    return _stepped(a, r.exact(x), r.exact(h), w).h_next.e


def _cell_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    gates: str,
    reset_after: bool,
) -> Any:
    w = _Weights(w_x, w_h, b, b_h, gates, reset_after)
    s = _stepped(a, r.exact(x), r.exact(h), w)
    da, dm, dh = _stepped_vjp(a, s, r.exact(dy), w)
    dx, dw_x, db = shared_vjp(a, da, r.exact(x), w_x, b)
    db_h = None if b_h is None else r.summed(a, dm).e
    return dx, dh.e, dw_x, _weights(a, dm, s.h, s.q, w), db, db_h


def _forward(
    a: Arithmetic, steps: Steps, xs: Running, h0: Array, w: _Weights
) -> tuple[dict[int, _Step], Running]:
    """Return the steps and the last state."""
    h = r.exact(h0)
    found = {}
    for t in steps.order:
        found[t] = _stepped(a, xs[t], h, w)
        h = r.chosen(steps.active[t], found[t].h_next, h)
    return found, h


def _gru(
    a: Arithmetic,
    y: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    gates: str,
    reset_after: bool,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    w = _Weights(w_x, w_h, b, b_h, gates, reset_after)
    found, h = _forward(a, steps, steps.inputs(xs), h0, w)
    return steps.gathered({t: s.h_next for t, s in found.items()}, y[0]).e, h.e


def _gru_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    gates: str,
    reset_after: bool,
    lengths: Array | None,
    reverse: bool,
) -> Any:
    steps = Steps.of(xs, lengths, reverse)
    w = _Weights(w_x, w_h, b, b_h, gates, reset_after)
    x = steps.inputs(xs)
    found, _ = _forward(a, steps, x, h0, w)
    dhs, dh = steps.inputs(dy[0]), r.exact(dy[1])
    das, dms = {}, {}
    for t in reversed(steps.order):
        active = steps.active[t]
        dh = r.total(a, [], [dh, dhs[t]])
        da, dm, dh_before = _stepped_vjp(a, found[t], dh, w)
        das[t], dms[t] = r.chosen(active, da, 0.0), r.chosen(active, dm, 0.0)
        dh = r.chosen(active, dh_before, dh)
    none = np.zeros((*xs.shape[:2], w_h.shape[1]), xs.dtype)
    da, dm = steps.gathered(das, none), rows(steps.gathered(dms, none))
    dxs, dw_x, db = shared_vjp(a, da, x, w_x, b)

    def gathered(name: str) -> Running:
        return rows(steps.gathered({t: getattr(s, name) for t, s in found.items()}, dy[0]))

    dw_h = _weights(a, dm, gathered("h"), gathered("q"), w)
    db_h = None if b_h is None else r.summed(a, dm).e
    return np.where(steps.active, dxs, 0), dh.e, dw_x, dw_h, db, db_h


bound("gru_cell", _cell, _cell_vjp)
bound("gru", _gru, _gru_vjp)
