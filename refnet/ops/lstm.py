"""Long short-term memory (Hochreiter & Schmidhuber 1997), with forget gates: a step, a sequence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.errors import ShapeError
from refnet.op import intermediate, operation
from refnet.recurrence import (
    Walk,
    check_gates,
    check_lengths,
    check_shapes,
    column_sums,
    gate,
    places,
    projected,
    projected_vjp,
    walk,
)

LETTERS = "ifgo"
MEANING = "i (input), f (forget), g (candidate, elsewhere c) and o (output)"


@operation(analytic=True)
def lstm_cell(
    x: Array,
    h: Array,
    c: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    p: Array | None = None,
    /,
    *,
    gates: str = "ifgo",
) -> tuple[Array, Array]:
    """Return the next state and memory of a long short-term memory: (h', c').

    x (N, C), h and c (N, H), w_x (C, 4H), w_h (H, 4H), b (4H,), p (3, H) -> h' and c' (N, H),
    dtype of x. With z = x w_x + h w_h + b, cut into four blocks of H columns, and s the sigmoid::

        i = s(z_i + p_i c)      f = s(z_f + p_f c)      g = tanh(z_g)
        c' = f c + i g          o = s(z_o + p_o c')     h' = o tanh(c')

    Hochreiter & Schmidhuber 1997; the forget gate is Gers, Schmidhuber & Cummins's (2000), the
    peepholes p Gers & Schmidhuber's (2000). PyTorch and ONNX keep the weights transposed, and a
    second bias: only the sum of the two has an effect, and b is it. TensorFlow 1's forget_bias is
    a number added to b's block f.

    Parameters
    ----------
    gates : str
        The order of the blocks along the columns of w_x, w_h and b, and of p's rows (without g,
        which has none): "ifgo" for PyTorch and Keras, "iofg" for ONNX, "igfo" for TensorFlow 1.

    VJP: with dc the cotangent of c' and what reaches it from h', o (1 - tanh(c')^2) dh' + p_o dz_o:
    dz_o = dh' tanh(c') o (1 - o), dz_f = dc c f (1 - f), dz_i = dc g i (1 - i),
    dz_g = dc i (1 - g^2); then dx = dz w_x^T, dh = dz w_h^T, dc f + p_i dz_i + p_f dz_f for c,
    dw_x = x^T dz, dw_h = h^T dz; db = dz and dp = (dz_i c, dz_f c, dz_o c'), summed over the
    samples.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another.
    OptionError
        If gates is no order of the four letters.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, h, c = np.array([[1.0]]), np.array([[0.0]]), np.array([[2.0]])
    >>> w_x, w_h = np.array([[0.0, 0.0, 1.0, 0.0]]), np.zeros((1, 4))
    >>> rn.lstm_cell(x, h, c, w_x, w_h)  # every gate half open: c' = 2 / 2 + tanh(1) / 2
    (array([[0.44056481]]), array([[1.38079708]]))
    """
    return _cell(x, h, c, w_x, w_h, b, p, gates)[0]


@lstm_cell.shape_rule
def _(
    x: Shape,
    h: Shape,
    c: Shape,
    w_x: Shape,
    w_h: Shape,
    b: Shape | None,
    p: Shape | None,
    *,
    gates: Any,
) -> list[Shape]:
    check_gates("lstm_cell", gates, LETTERS, MEANING)
    shape = check_shapes("lstm_cell", x, {"h": h, "c": c}, w_x, w_h, {"b": b}, gates=4)
    _check_peepholes("lstm_cell", p, shape[1])
    return [shape, shape]


class _CellResidual(NamedTuple):
    """What the VJP reuses: the gates (N, 4H) after their activations, c' and tanh(c')."""

    a: Array
    c_next: Array
    squashed: Array


@lstm_cell.residual_rule
def _cell(
    x: Array,
    h: Array,
    c: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    gates: str,
) -> tuple[tuple[Array, Array], _CellResidual]:
    a = projected(x, w_x, b)
    a += h.dot(w_h)
    c_next = _step(a, c, _Blocks.of(gates, p, c.shape[1]))
    squashed = intermediate(np.tanh(c_next))
    h_next = a[:, places(gates, "o", c.shape[1])[0]] * squashed
    return (h_next, c_next), _CellResidual(a, c_next, squashed)


@lstm_cell.vjp_rule
def _(
    dy: tuple[Array, Array],
    x: Array,
    h: Array,
    c: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    residual: _CellResidual,
    wrt: Collection[str],
    gates: str,
) -> Cotangents:
    at = _Blocks.of(gates, p, c.shape[1])
    dz = np.empty_like(residual.a)
    dc = _step_vjp(dz, *dy, residual.a, c, residual.squashed, at)
    dx, dw_x, db = projected_vjp(dz, x, w_x, b, ("x" in wrt, "w_x" in wrt, "b" in wrt))
    return (
        dx,
        dz.dot(w_h.T) if "h" in wrt else None,
        dc if "c" in wrt else None,
        dw_x,
        h.T.dot(dz) if "w_h" in wrt else None,
        db,
        _peepholes_vjp(dz, c, residual.c_next, at) if p is not None and "p" in wrt else None,
    )


@operation(analytic=True)
def lstm(
    xs: Array,
    h0: Array,
    c0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    p: Array | None = None,
    /,
    *,
    gates: str = "ifgo",
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array, Array]:
    """Return the states of a long short-term memory over a sequence: (hs, h_last, c_last).

    xs (T, N, C), h0 and c0 (N, H), w_x (C, 4H), w_h (H, 4H), b (4H,), p (3, H) -> hs (T, N, H),
    h_last and c_last (N, H), dtype of xs; each step is that of :func:`lstm_cell`. Batch first is
    ``xs.swapaxes(0, 1)``. Both directions are two calls, with weights of their own, whose hs are
    joined by :func:`concat` (axis=-1).

    Parameters
    ----------
    gates : str
        The order of the gates' blocks, as in :func:`lstm_cell`.
    lengths : integer array (N,), optional
        How many of the T steps each sample has, T by default. Beyond its end hs is 0 and xs is not
        looked at; h_last and c_last are those at its end, for length 0 those of h0 and c0.
    reverse : bool
        Process each sample from its own end to its beginning. hs keeps the places of the inputs,
        and h_last and c_last are those of step 0.

    VJP: back-propagation through time: the cell's VJP backwards over the steps, the cotangents of
    h and c handed from each to the one before it; those of the weights are summed over the steps.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another, or lengths are not one per sample.
    OptionError
        If gates is no order of the four letters, or reverse no bool.
    DomainError
        If a length is negative or above T.
    DtypeError
        If the dtypes differ or are no floats, or lengths are no integers.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> xs, zero = np.ones((2, 1, 1)), np.zeros((1, 1))
    >>> w_x, w_h = np.array([[0.0, 0.0, 1.0, 0.0]]), np.zeros((1, 4))
    >>> hs, h_last, c_last = rn.lstm(xs, zero, zero, w_x, w_h)
    >>> c_last  # tanh(1) / 2, and half of it
    array([[0.57119562]])
    """
    return _with_residual(xs, h0, c0, w_x, w_h, b, p, gates, lengths, reverse)[0]


@lstm.shape_rule
def _(
    xs: Shape,
    h0: Shape,
    c0: Shape,
    w_x: Shape,
    w_h: Shape,
    b: Shape | None,
    p: Shape | None,
    *,
    gates: Any,
    lengths: Any,
    reverse: Any,
) -> list[Shape]:
    check_gates("lstm", gates, LETTERS, MEANING)
    checks.flag("lstm", "reverse", reverse)
    states = {"h0": h0, "c0": c0}
    n, hidden = check_shapes("lstm", xs, states, w_x, w_h, {"b": b}, gates=4, sequence=True)
    _check_peepholes("lstm", p, hidden)
    check_lengths("lstm", lengths, xs[0], n)
    return [(xs[0], n, hidden), h0, c0]


class _Residual(NamedTuple):
    """What the VJP reuses: the walk, its inputs, and what each step gave.

    ``a`` (T, N, 4H) are the gates after their activations, ``hs`` and ``cs`` (T + 1, N, H) all
    states, ``squashed`` (T, N, H) is tanh of each c.
    """

    walk: Walk
    xs: Array
    a: Array
    hs: Array
    cs: Array
    squashed: Array


@lstm.residual_rule
def _with_residual(
    xs: Array,
    h0: Array,
    c0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    gates: str,
    lengths: Array | None,
    reverse: bool,
) -> tuple[tuple[Array, Array, Array], _Residual]:
    w = walk(xs, lengths, reverse)
    xs = w.inputs(xs)
    at = _Blocks.of(gates, p, h0.shape[1])
    a = projected(xs, w_x, b)
    hs = np.empty((len(xs) + 1, *h0.shape), xs.dtype)
    cs, squashed = np.empty_like(hs), np.empty_like(hs[1:])
    hs[w.first], cs[w.first] = h0, c0
    for t in w.order:
        h, c = hs[t + w.before], cs[t + w.before]
        h_next, c_next = hs[t + w.after], cs[t + w.after]
        a[t] += h.dot(w_h)
        _step(a[t], c, at, out=c_next)
        intermediate(np.tanh(c_next, out=squashed[t]))
        np.multiply(a[t, :, at.o], squashed[t], out=h_next)
        w.hold(t, h_next, h)
        w.hold(t, c_next, c)
    results = w.outputs(hs), hs[w.last].copy(), cs[w.last].copy()
    return results, _Residual(w, xs, a, hs, cs, squashed)


@lstm.vjp_rule
def _(
    dy: tuple[Array, Array, Array],
    xs: Array,
    h0: Array,
    c0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    p: Array | None,
    *,
    residual: _Residual,
    wrt: Collection[str],
    gates: str,
    lengths: Array | None,
    reverse: bool,
) -> Cotangents:
    w, xs, a, hs, cs, squashed = residual
    at = _Blocks.of(gates, p, h0.shape[1])
    dhs, dh, dc = w.inputs(dy[0]), dy[1].copy(), dy[2].copy()
    dz = np.empty_like(a)
    back = w_h.T
    for t in reversed(w.order):
        dh += dhs[t]
        dc_before = _step_vjp(dz[t], dh, dc, a[t], cs[t + w.before], squashed[t], at)
        w.silence(t, dz[t])
        dh_before = dz[t].dot(back)
        w.hold(t, dh_before, dh)
        w.hold(t, dc_before, dc)
        dh, dc = dh_before, dc_before
    dxs, dw_x, db = projected_vjp(dz, xs, w_x, b, ("xs" in wrt, "w_x" in wrt, "b" in wrt))
    rows = by_rows(dz)
    dw_h = dp = None
    if "w_h" in wrt:
        dw_h = by_rows(w.previous(hs)).T.dot(rows)
    if p is not None and "p" in wrt:
        dp = _peepholes_vjp(rows, by_rows(w.previous(cs)), by_rows(w.outputs(cs)), at)
    return (
        None if dxs is None else w.inputs(dxs),
        dh if "h0" in wrt else None,
        dc if "c0" in wrt else None,
        dw_x,
        dw_h,
        db,
        dp,
    )


class _Blocks(NamedTuple):
    """Where the four blocks lie along the columns, and the gates' peepholes (or None)."""

    i: slice
    f: slice
    g: slice
    o: slice
    p_i: Array | None
    p_f: Array | None
    p_o: Array | None
    rows: tuple[int, ...]  # of p, for i, f and o

    @classmethod
    def of(cls, gates: str, p: Array | None, hidden: int) -> _Blocks:
        rows = tuple(map(gates.replace("g", "").index, "ifo"))
        p_i, p_f, p_o = (None, None, None) if p is None else (p[k] for k in rows)
        i, f, g, o = places(gates, LETTERS, hidden)
        return cls(i, f, g, o, p_i, p_f, p_o, rows)


def _step(a: Array, c: Array, at: _Blocks, out: Array | None = None) -> Array:
    """Turn z (N, 4H) into the gates after their activations, in place, and return c'."""
    i, f, g, o = a[:, at.i], a[:, at.f], a[:, at.g], a[:, at.o]
    if at.p_i is not None:
        i += at.p_i * c
        f += at.p_f * c
    i[...] = gate(i)
    f[...] = gate(f)
    intermediate(np.tanh(g, out=g))
    c_next = np.multiply(f, c, out=out)
    c_next += i * g
    if at.p_o is not None:
        o += at.p_o * c_next
    o[...] = gate(o)
    return c_next


def _step_vjp(
    dz: Array, dh: Array, dc: Array, a: Array, c: Array, squashed: Array, at: _Blocks
) -> Array:
    """Write the cotangent of z to dz (N, 4H) and return that of c."""
    i, f, g, o = a[:, at.i], a[:, at.f], a[:, at.g], a[:, at.o]
    dz_i, dz_f, dz_g, dz_o = dz[:, at.i], dz[:, at.f], dz[:, at.g], dz[:, at.o]
    np.multiply(dh * squashed, o * (1 - o), out=dz_o)
    dc = dc + dh * o * (1 - squashed * squashed)
    if at.p_o is not None:
        dc += at.p_o * dz_o
    np.multiply(dc * g, i * (1 - i), out=dz_i)
    np.multiply(dc * c, f * (1 - f), out=dz_f)
    np.multiply(dc * i, 1 - g * g, out=dz_g)
    dc *= f
    if at.p_i is not None:
        dc += at.p_i * dz_i
        dc += at.p_f * dz_f
    return dc


def _peepholes_vjp(dz: Array, c: Array, c_next: Array, at: _Blocks) -> Array:
    dp = np.empty((3, c.shape[1]), c.dtype)
    for row, block, state in zip(at.rows, (at.i, at.f, at.o), (c, c, c_next), strict=True):
        dp[row] = column_sums(dz[:, block] * state)
    return dp


def _check_peepholes(op: str, p: Shape | None, hidden: int) -> None:
    if p is not None and p != (3, hidden):
        raise ShapeError(
            op,
            got=f"p {p}",
            needs=f"p (3, {hidden}): a row for each of i, f and o",
            cause=f"ONNX's P is p.reshape(3, {hidden}), with gates='iofg'."
            if p in ((3 * hidden,), (1, 3 * hidden))
            else "Is there a row for the candidate, which has no peephole?",
        )
