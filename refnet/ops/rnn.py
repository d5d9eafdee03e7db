"""The simple recurrent network (Elman 1990, "Finding structure in time"): a step and a sequence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.op import intermediate, operation
from refnet.recurrence import (
    Walk,
    check_lengths,
    check_shapes,
    projected,
    projected_vjp,
    walk,
)

ACTIVATIONS = ("tanh", "relu")


@operation(analytic=True)
def rnn_cell(
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    /,
    *,
    activation: str = "tanh",
) -> Array:
    """Return f(x w_x + h w_h + b): x (N, C), h (N, H), w_x (C, H), w_h (H, H), b (H,) -> (N, H).

    One step of a recurrent network, from a state h to the next, dtype of x. f is tanh or relu;
    complex arrays take relu's branch by their real parts. PyTorch and ONNX keep the weights
    transposed, and a second bias b_hh: only the sum of the two has an effect, and b is it.

    VJP: with dz = dy f'(z), where tanh' = 1 - y^2 and relu' is 0 at 0, from the result y:
    dx = dz w_x^T, dh = dz w_h^T, dw_x = x^T dz, dw_h = h^T dz, db = dz summed over the samples.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another.
    OptionError
        If the activation is unknown.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, h = np.array([[1.0, -1.0]]), np.array([[0.5]])
    >>> w_x, w_h, b = np.array([[0.5], [0.25]]), np.array([[2.0]]), np.array([-1.0])
    >>> rn.rnn_cell(x, h, w_x, w_h, b)
    array([[0.24491866]])
    """
    z = x.dot(w_x)
    z += h.dot(w_h)
    if b is not None:
        z += b
    _activate(z, activation)
    return np.asarray(z)


@rnn_cell.shape_rule
def _(x: Shape, h: Shape, w_x: Shape, w_h: Shape, b: Shape | None, *, activation: Any) -> Shape:
    checks.choice("rnn_cell", "activation", activation, ACTIVATIONS)
    return check_shapes("rnn_cell", x, {"h": h}, w_x, w_h, {"b": b})


@rnn_cell.vjp_rule
def _(
    dy: Array,
    x: Array,
    h: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    y: Array,
    wrt: Collection[str],
    activation: str,
) -> Cotangents:
    dz = _slope(y, activation)
    _multiply(dz, dy, activation)
    dx, dw_x, db = projected_vjp(dz, x, w_x, b, ("x" in wrt, "w_x" in wrt, "b" in wrt))
    dh = dz.dot(w_h.T) if "h" in wrt else None
    dw_h = h.T.dot(dz) if "w_h" in wrt else None
    return dx, dh, dw_x, dw_h, db


@operation(analytic=True)
def rnn(
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None = None,
    /,
    *,
    activation: str = "tanh",
    lengths: Array | None = None,
    reverse: bool = False,
) -> tuple[Array, Array]:
    """Return the states of a recurrent network over a sequence, and the last: (hs, h_last).

    xs (T, N, C), h0 (N, H), w_x (C, H), w_h (H, H), b (H,) -> hs (T, N, H) and h_last (N, H), dtype
    of xs; h_t = f(x_t w_x + h_(t-1) w_h + b) as in :func:`rnn_cell`. Batch first is
    ``xs.swapaxes(0, 1)``. Both directions are two calls, with weights of their own, whose hs are
    joined by :func:`concat` (axis=-1).

    Parameters
    ----------
    activation : {"tanh", "relu"}
        f.
    lengths : integer array (N,), optional
        How many of the T steps each sample has, T by default. Beyond its end hs is 0 and xs is not
        looked at; h_last is the state at its end, for length 0 that of h0.
    reverse : bool
        Process each sample from its own end to its beginning. hs keeps the places of the inputs,
        and h_last is that of step 0, as ONNX's and PyTorch's reverse direction have it.

    VJP: back-propagation through time (Werbos 1990): backwards over the steps,
    dz_t = f'(z_t) (dhs_t + dz_(t+1) w_h^T), with dh_last beside it at the end; dxs_t = dz_t w_x^T,
    dh0 = dz_1 w_h^T, dw_x, dw_h and db are the sums of those of the steps.

    Raises
    ------
    ShapeError
        If the shapes do not fit one another, or lengths are not one per sample.
    OptionError
        If the activation is unknown, or reverse no bool.
    DomainError
        If a length is negative or above T.
    DtypeError
        If the dtypes differ or are no floats, or lengths are no integers.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> xs = np.array([[[1.0], [1.0]], [[2.0], [2.0]]])
    >>> w_x, w_h = np.array([[0.5]]), np.array([[1.0]])
    >>> hs, h_last = rn.rnn(xs, np.zeros((2, 1)), w_x, w_h, lengths=np.array([2, 1]))
    >>> hs[..., 0]
    array([[0.46211716, 0.46211716],
           [0.89806301, 0.        ]])
    >>> h_last[:, 0]
    array([0.89806301, 0.46211716])
    """
    return _with_residual(xs, h0, w_x, w_h, b, activation, lengths, reverse)[0]


@rnn.shape_rule
def _(
    xs: Shape,
    h0: Shape,
    w_x: Shape,
    w_h: Shape,
    b: Shape | None,
    *,
    activation: Any,
    lengths: Any,
    reverse: Any,
) -> list[Shape]:
    checks.choice("rnn", "activation", activation, ACTIVATIONS)
    checks.flag("rnn", "reverse", reverse)
    n, hidden = check_shapes("rnn", xs, {"h0": h0}, w_x, w_h, {"b": b}, sequence=True)
    check_lengths("rnn", lengths, xs[0], n)
    return [(xs[0], n, hidden), h0]


class Residual(NamedTuple):
    """What the VJP reuses: the walk, its inputs, and all states (T + 1, N, H)."""

    walk: Walk
    xs: Array
    states: Array


@rnn.residual_rule
def _with_residual(
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    activation: str,
    lengths: Array | None,
    reverse: bool,
) -> tuple[tuple[Array, Array], Residual]:
    w = walk(xs, lengths, reverse)
    xs = w.inputs(xs)
    inputs = projected(xs, w_x, b)
    states = np.empty((len(xs) + 1, *h0.shape), xs.dtype)
    states[w.first] = h0
    h = states[w.first]
    for t in w.order:
        h_next = states[t + w.after]
        np.dot(h, w_h, out=h_next)
        h_next += inputs[t]
        _activate(h_next, activation)
        intermediate(h_next)
        w.hold(t, h_next, h)
        h = h_next
    return (w.outputs(states), states[w.last].copy()), Residual(w, xs, states)


@rnn.vjp_rule
def _(
    dy: tuple[Array, Array],
    xs: Array,
    h0: Array,
    w_x: Array,
    w_h: Array,
    b: Array | None,
    *,
    residual: Residual,
    wrt: Collection[str],
    activation: str,
    lengths: Array | None,
    reverse: bool,
) -> Cotangents:
    w, xs, states = residual
    dhs, dh = w.inputs(dy[0]), dy[1].copy()
    dz = _slope(w.outputs(states), activation)
    back = w_h.T
    for t in reversed(w.order):
        dh += dhs[t]
        _multiply(dz[t], dh, activation)
        w.silence(t, dz[t])
        before = dz[t].dot(back)
        w.hold(t, before, dh)
        dh = before
    dxs, dw_x, db = projected_vjp(dz, xs, w_x, b, ("xs" in wrt, "w_x" in wrt, "b" in wrt))
    dw_h = None
    if "w_h" in wrt:
        dw_h = by_rows(w.previous(states)).T.dot(by_rows(dz))
    return None if dxs is None else w.inputs(dxs), dh if "h0" in wrt else None, dw_x, dw_h, db


def _activate(z: Array, activation: str) -> None:
    """Apply the activation in place."""
    if activation == "tanh":
        np.tanh(z, out=z)
    elif z.dtype.kind == "c":
        np.copyto(z, 0, where=z.real <= 0)
    else:
        np.maximum(z, 0, out=z)
        z += 0  # -0 + 0 is +0; which zero maximum returns depends on the CPU


def _slope(y: Array, activation: str) -> Array:
    """Return the activation's derivative from its results; for relu where it is not 0, or NaN."""
    if activation == "tanh":
        slope = y * y
        np.subtract(1, slope, out=slope)
        return slope
    return np.where(y <= 0, 0, y.dtype.type(1))


def _multiply(slope: Array, dy: Array, activation: str) -> None:
    """Multiply a slope by dy in place; a slope of relu's that is 0 makes 0 of anything."""
    if activation == "tanh":
        slope *= dy
    else:
        np.copyto(slope, dy, where=slope != 0)
