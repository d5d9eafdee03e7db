"""The gated recurrent unit (Cho et al. 2014): a step and a sequence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
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

LETTERS = "rzn"
MEANING = "r (reset), z (update) and n (candidate, elsewhere h)"


@operation(analytic=True)
def gru_cell(
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    b_h: Array | None = None,
    /,
    *,
    gates: str = "rzn",
    reset_after: bool = True,
) -> Array:
    """Return the next state of a gated recurrent unit, h'.

    x (N, C), h (N, H), w_x (C, 3H), w_h (H, 3H), b and b_h (3H,) -> h' (N, H), dtype of x. With s
    the sigmoid, and w_x, w_h, b and b_h cut into three blocks of H columns::

        r = s(x w_xr + b_r + h w_hr + b_hr)        z = s(x w_xz + b_z + h w_hz + b_hz)
        n = tanh(x w_xn + b_n + r (h w_hn + b_hn))      with reset_after
        n = tanh(x w_xn + b_n + (r h) w_hn + b_hn)      without
        h' = (1 - z) n + z h

    Cho et al. 2014, whose reset comes before the product. z keeps the old state, as in PyTorch,
    Keras and ONNX; in some texts (Chung et al. 2014) z is what is 1 - z here. PyTorch and ONNX keep
    the weights transposed. But for n's block with reset_after only b + b_h has an effect.

    Parameters
    ----------
    gates : str
        The order of the blocks along the columns: "rzn" for PyTorch, "zrn" for Keras and ONNX.
    reset_after : bool
        Whether r multiplies after the product: True for PyTorch, for Keras by default and for
        ONNX's linear_before_reset=1; False for Cho et al. and ONNX by default.

    VJP: dn = dh' (1 - z), dz = dh' (h - n), and dh' z reaches h; da_n = dn (1 - n^2),
    da_z = dz z (1 - z), da_r = dr r (1 - r), where dr = da_n (h w_hn + b_hn) with reset_after, and
    (da_n w_hn^T) h without; then as for dense layers from the three da, of which da_n w.r.t.
    h w_hn + b_hn is r da_n with reset_after.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another.
    OptionError
        If gates is no order of the three letters, or reset_after no bool.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, h = np.array([[1.0]]), np.array([[0.5]])
    >>> w_x, w_h = np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.0, 1.0]])
    >>> rn.gru_cell(x, h, w_x, w_h)  # half of 0.5 and half of tanh(1 + 0.5 / 2)
    array([[0.67414182]])
    """
    return _cell(x, h, w_x, w_h, b, b_h, gates, reset_after)[0]


@gru_cell.shape_rule
def _(
    x: Shape,
    h: Shape,
    w_x: Shape,
    w_h: Shape,
    b: Shape | None,
    b_h: Shape | None,
    *,
    gates: Any,
    reset_after: Any,
) -> Shape:
    check_gates("gru_cell", gates, LETTERS, MEANING)
    checks.flag("gru_cell", "reset_after", reset_after)
    return check_shapes("gru_cell", x, {"h": h}, w_x, w_h, {"b": b, "b_h": b_h}, gates=3)


@gru_cell.residual_rule
def _cell(
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    gates: str,
    reset_after: bool,
) -> tuple[Array, _Saved]:
    a = projected(x, w_x, b)
    q, h_next = np.empty_like(h), np.empty_like(h)
    _step(a, q, h, w_h, b_h, places(gates, LETTERS, h.shape[1]), reset_after, out=h_next)
    return h_next, _Saved(a, q)


@gru_cell.vjp_rule
def _(
    dy: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    residual: _Saved,
    wrt: Collection[str],
    gates: str,
    reset_after: bool,
) -> Cotangents:
    at = places(gates, LETTERS, h.shape[1])
    da, dm = np.empty_like(residual.a), np.empty_like(residual.a)
    dh = _step_vjp(da, dm, dy, *residual, h, w_h, at, reset_after)
    dx, dw_x, db = projected_vjp(da, x, w_x, b, ("x" in wrt, "w_x" in wrt, "b" in wrt))
    return (
        dx,
        dh if "h" in wrt else None,
        dw_x,
        _weights_vjp(dm, h, residual.q, at, reset_after) if "w_h" in wrt else None,
        db,
        column_sums(dm) if b_h is not None and "b_h" in wrt else None,
    )


@operation(analytic=True)
def gru(
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    b_h: Array | None = None,
    /,
    *,
    gates: str = "rzn",
    reset_after: bool = True,
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array]:
    """Return the states of a gated recurrent unit over a sequence, and the last: (hs, h_last).

    xs (T, N, C), h0 (N, H), w_x (C, 3H), w_h (H, 3H), b and b_h (3H,) -> hs (T, N, H) and h_last
    (N, H), dtype of xs; each step is that of :func:`gru_cell`. Batch first is
    ``xs.swapaxes(0, 1)``. Both directions are two calls, with weights of their own, whose hs are
    joined by :func:`concat` (axis=-1).

    Parameters
    ----------
    gates : str
        The order of the gates' blocks, as in :func:`gru_cell`.
    reset_after : bool
        Whether the reset gate multiplies after the product, as in :func:`gru_cell`.
    lengths : integer array (N,), optional
        How many of the T steps each sample has, T by default. Beyond its end hs is 0 and xs is not
        looked at; h_last is the state at its end, for length 0 that of h0.
    reverse : bool
        Process each sample from its own end to its beginning. hs keeps the places of the inputs,
        and h_last is that of step 0.

    VJP: back-propagation through time: the cell's VJP backwards over the steps, the cotangent of
    h handed from each to the one before it; those of the weights are summed over the steps.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another, or lengths are not one per sample.
    OptionError
        If gates is no order of the three letters, or reset_after or reverse no bool.
    DomainError
        If a length is negative or above T.
    DtypeError
        If the dtypes differ or are no floats, or lengths are no integers.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> xs, w_x, w_h = np.ones((2, 1, 1)), np.array([[0.0, 0.0, 1.0]]), np.zeros((1, 3))
    >>> hs, h_last = rn.gru(xs, np.zeros((1, 1)), w_x, w_h)
    >>> h_last  # tanh(1) / 2, and half of it
    array([[0.57119562]])
    """
    return _with_residual(xs, h0, w_x, w_h, b, b_h, gates, reset_after, lengths, reverse)[0]


@gru.shape_rule
def _(
    xs: Shape,
    h0: Shape,
    w_x: Shape,
    w_h: Shape,
    b: Shape | None,
    b_h: Shape | None,
    *,
    gates: Any,
    reset_after: Any,
    lengths: Any,
    reverse: Any,
) -> list[Shape]:
    check_gates("gru", gates, LETTERS, MEANING)
    checks.flag("gru", "reset_after", reset_after)
    checks.flag("gru", "reverse", reverse)
    biases = {"b": b, "b_h": b_h}
    n, hidden = check_shapes("gru", xs, {"h0": h0}, w_x, w_h, biases, gates=3, sequence=True)
    check_lengths("gru", lengths, xs[0], n)
    return [(xs[0], n, hidden), h0]


class _Residual(NamedTuple):
    """What the VJP reuses: the walk, its inputs, all states (T + 1, N, H) and what _Saved says."""

    walk: Walk
    xs: Array
    states: Array
    a: Array
    q: Array


@gru.residual_rule
def _with_residual(
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    gates: str,
    reset_after: bool,
    lengths: Array | None,
    reverse: bool,
) -> tuple[tuple[Array, Array], _Residual]:
    w = walk(xs, lengths, reverse)
    xs = w.inputs(xs)
    at = places(gates, LETTERS, h0.shape[1])
    a = projected(xs, w_x, b)
    states = np.empty((len(xs) + 1, *h0.shape), xs.dtype)
    q = np.empty_like(states[1:])
    states[w.first] = h0
    for t in w.order:
        h, h_next = states[t + w.before], states[t + w.after]
        _step(a[t], q[t], h, w_h, b_h, at, reset_after, out=h_next)
        w.hold(t, h_next, h)
    return (w.outputs(states), states[w.last].copy()), _Residual(w, xs, states, a, q)


@gru.vjp_rule
def _(
    dy: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    b_h: Array | None,
    *,
    residual: _Residual,
    wrt: Collection[str],
    gates: str,
    reset_after: bool,
    lengths: Array | None,
    reverse: bool,
) -> Cotangents:
    w, xs, states, a, q = residual
    at = places(gates, LETTERS, h0.shape[1])
    dhs, dh = w.inputs(dy[0]), dy[1].copy()
    da, dm = np.empty_like(a), np.empty_like(a)
    for t in reversed(w.order):
        dh += dhs[t]
        h = states[t + w.before]
        before = _step_vjp(da[t], dm[t], dh, a[t], q[t], h, w_h, at, reset_after)
        w.silence(t, da[t], dm[t])
        w.hold(t, before, dh)
        dh = before
    dxs, dw_x, db = projected_vjp(da, xs, w_x, b, ("xs" in wrt, "w_x" in wrt, "b" in wrt))
    rows = by_rows(dm)
    dw_h = None
    if "w_h" in wrt:
        reset = by_rows(w.inputs(q))
        dw_h = _weights_vjp(rows, by_rows(w.previous(states)), reset, at, reset_after)
    return (
        None if dxs is None else w.inputs(dxs),
        dh if "h0" in wrt else None,
        dw_x,
        dw_h,
        db,
        column_sums(rows) if b_h is not None and "b_h" in wrt else None,
    )


class _Saved(NamedTuple):
    """What a step's VJP reuses: the gates (N, 3H) after their activations, and q (N, H).

    q is what r multiplies, or has multiplied: h w_hn + b_hn with reset_after, r h without.
    """

    a: Array
    q: Array


def _step(
    a: Array,
    q: Array,
    h: Array,
    w_h: Array,
    b_h: Array | None,
    at: list[slice],
    reset_after: bool,
    *,
    out: Array,
) -> None:
    """Turn x w_x + b (N, 3H) into the gates after their activations, in place; write q and h'."""
    r, z, n = [a[:, block] for block in at]
    if reset_after:
        m = h.dot(w_h)
        if b_h is not None:
            m += b_h
        r += m[:, at[0]]
        z += m[:, at[1]]
        r[...] = gate(r)
        q[...] = m[:, at[2]]
        n += r * q
    else:
        if b_h is not None:
            a += b_h
        r += h.dot(w_h[:, at[0]])
        z += h.dot(w_h[:, at[1]])
        r[...] = gate(r)
        np.multiply(r, h, out=q)
        n += q.dot(w_h[:, at[2]])
    z[...] = gate(z)
    intermediate(np.tanh(n, out=n))
    np.multiply(1 - z, n, out=out)
    out += z * h


def _step_vjp(
    da: Array,
    dm: Array,
    dh: Array,
    a: Array,
    q: Array,
    h: Array,
    w_h: Array,
    at: list[slice],
    reset_after: bool,
) -> Array:
    """Write the cotangents of x w_x + b and of h w_h + b_h (N, 3H), and return that of h."""
    r, z, n = [a[:, block] for block in at]
    da_r, da_z, da_n = [da[:, block] for block in at]
    np.multiply(dh * (1 - z), 1 - n * n, out=da_n)
    np.multiply(dh * (h - n), z * (1 - z), out=da_z)
    before = dh * z
    if reset_after:
        np.multiply(da_n * q, r * (1 - r), out=da_r)
        dm[...] = da
        dm[:, at[2]] *= r
        before += dm.dot(w_h.T)
    else:
        dq = da_n.dot(w_h[:, at[2]].T)
        np.multiply(dq * h, r * (1 - r), out=da_r)
        dm[...] = da
        before += dq * r
        before += da_r.dot(w_h[:, at[0]].T)
        before += da_z.dot(w_h[:, at[1]].T)
    return before


def _weights_vjp(dm: Array, h: Array, q: Array, at: list[slice], reset_after: bool) -> Array:
    """Return the cotangent of w_h from that of h w_h + b_h, over all samples and steps."""
    dw = np.asarray(h.T.dot(dm))
    if not reset_after:
        dw[:, at[2]] = q.T.dot(dm[:, at[2]])
    return dw
