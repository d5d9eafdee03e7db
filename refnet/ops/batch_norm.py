"""Batch normalisation, in training and at inference."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import ArgumentError, ShapeError
from refnet.op import operation

LAYOUTS = ("NHWC", "NCHW")
MOMENTUM_OF = ("new", "old")

WIDTH = 1024  # columns in which several rows of few channels are put side by side
BLOCK = 1 << 18  # bytes of a block of rows, so that three of them stay in a core's cache


@operation(analytic=True)
def batch_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    /,
    *,
    training: bool = True,
    momentum: float = 0.1,
    momentum_of: str = "new",
    unbiased: bool = True,
    eps: float = 1e-5,
    layout: str = "NHWC",
) -> Array | tuple[Array, Array, Array]:
    """Return gamma (x - mean) / sqrt(variance + eps) + beta, each channel by itself.

    x (N, ..., C), or (N, C, ...) with ``layout="NCHW"``, any number of spatial axes or none -> y
    of that shape and dtype; everything else (C,). Ioffe & Szegedy 2015, Alg. 1 and 2.

    In training mean and variance are those of the batch, the variance biased (divided by n). Where
    running statistics are given the result is ``(y, running_mean', running_var')``, with each of
    them ``(1 - momentum) old + momentum new``. Frameworks differ in three fields:

    ================  =========================  ===============================
    field             PyTorch                    Keras, TensorFlow, ONNX
    ================  =========================  ===============================
    ``momentum_of``   ``"new"`` (0.1)            ``"old"`` (0.99, 0.99, 0.9):
                                                 momentum old + (1 - momentum) new
    ``unbiased``      True: the running variance False (TensorFlow's fused kernel:
                      takes that of the batch    True)
                      times n / (n - 1)
    ``eps``           1e-5                       1e-3, 1e-3, 1e-5
    ================  =========================  ===============================

    With ``training=False`` mean and variance are the running ones, which must be given, and the
    result is y alone.

    The batch's mean and variance are corrected by the mean of what is left after centring (Chan,
    Golub & LeVeque 1983), so that a long float32 sum around a large mean loses nothing. The half
    types accumulate in float32, the others in their own dtype. A channel that holds NaN or an
    infinity becomes NaN in training. A constant one becomes beta within rounding, or NaN if eps is
    0. The squares of x - mean must not overflow.

    VJP: with h = (y - beta) / gamma and r = 1 / sqrt(variance + eps), in training
    dx = gamma r (dy - mean(dy) - h mean(dy h)), through mean and variance too; dgamma = dy h and
    dbeta = dy, summed over the channel. The cotangents of the new running statistics, dm and dv,
    add w (dm + 2 k dv (x - mean)) / n to dx, w being new's weight and k 1 or n / (n - 1), and are
    carried to the old ones times 1 - w. At inference dx = gamma r dy, and the running statistics
    have the cotangents -gamma r sum(dy) and -gamma r^2 sum(dy h) / 2.

    Raises
    ------
    ShapeError
        If x has fewer than two axes, another input is not one value per channel, or in training a
        channel has fewer than two values.
    ArgumentError
        If one of the running statistics is given without the other, or none at inference.
    DomainError
        If a running variance is negative.
    OptionError
        If momentum is outside [0, 1], eps is negative or no finite number, momentum_of or the
        layout is unknown, or training or unbiased is no bool.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([[1.0, 10.0], [3.0, 50.0]])
    >>> rn.batch_norm(x, np.array([1.0, 2.0]), np.array([0.0, 5.0]), eps=0.0)
    array([[-1.,  3.],
           [ 1.,  7.]])
    >>> y, mean, var = rn.batch_norm(x, None, None, np.zeros(2), np.ones(2), momentum=0.5)
    >>> mean, var
    (array([ 1., 15.]), array([  1.5, 400.5]))
    >>> rn.batch_norm(x, None, None, mean, var, training=False, eps=0.0).round(3)
    array([[ 0.   , -0.25 ],
           [ 1.633,  1.749]])
    """
    _check_variance(running_var)
    view = _Channels(x.shape, layout, x.dtype)
    if not training:
        assert running_mean is not None
        assert running_var is not None
        return _at_inference(view, x, gamma, beta, running_mean, running_var, eps)
    batch = _statistics(view, x, eps)
    y = _scaled(view, batch, gamma, beta, out=batch.d)
    if running_mean is None or running_var is None:
        return y
    new, old = _weights(x, momentum, momentum_of)
    return y, *_moved(batch, view.each, running_mean, running_var, new, old, unbiased)


@batch_norm.shape_rule
def _(
    x: Shape,
    gamma: Shape | None,
    beta: Shape | None,
    running_mean: Shape | None,
    running_var: Shape | None,
    *,
    training: bool,
    momentum: float,
    momentum_of: str,
    unbiased: bool,
    eps: float,
    layout: str,
) -> Shape | list[Shape]:
    checks.flag("batch_norm", "training", training)
    checks.flag("batch_norm", "unbiased", unbiased)
    checks.number("batch_norm", "momentum", momentum, low=0, high=1)
    checks.choice("batch_norm", "momentum_of", momentum_of, MOMENTUM_OF)
    checks.number("batch_norm", "eps", eps, low=0)
    checks.choice("batch_norm", "layout", layout, LAYOUTS)
    if len(x) < 2:
        raise ShapeError(
            "batch_norm",
            got=f"x {x}",
            needs="x (N, ..., C), or (N, C, ...) with layout='NCHW'",
            cause="Is the batch axis missing?",
        )
    axis = 1 if layout == "NCHW" else len(x) - 1
    needed = (x[axis],)
    named = (gamma, "gamma"), (beta, "beta"), (running_mean, "running_mean")
    for shape, name in (*named, (running_var, "running_var")):
        if shape is not None and shape != needed:
            raise ShapeError(
                "batch_norm",
                got=f"x {x} in layout {layout} and {name} {shape}",
                needs=f"{name} of shape {needed}, one value per channel",
                cause="Is the layout the other one?",
            )
    if (running_mean is None) != (running_var is None):
        raise ArgumentError(
            "batch_norm",
            got=f"{'running_var' if running_mean is None else 'running_mean'} alone",
            needs="both running_mean and running_var, or neither",
            cause="Are gamma and beta left out without None in their place?",
        )
    if not training:
        if running_mean is None:
            raise ArgumentError(
                "batch_norm",
                got="training=False and no running statistics",
                needs="running_mean and running_var at inference",
                cause="Is the batch's own mean wanted? That is training=True.",
            )
        return x
    each = math.prod(x[:axis] + x[axis + 1 :])
    if each < 2:
        raise ShapeError(
            "batch_norm",
            got=f"x {x} in layout {layout}, {each} value(s) per channel, in training",
            needs="at least 2 values per channel",
            cause="Is the batch a single sample? Then its output would be beta, whatever x is.",
        )
    return x if running_mean is None else [x, needed, needed]


@batch_norm.residual_rule
def _(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    *,
    training: bool,
    momentum: float,
    momentum_of: str,
    unbiased: bool,
    eps: float,
    layout: str,
) -> tuple[Any, Any]:
    _check_variance(running_var)
    view = _Channels(x.shape, layout, x.dtype)
    if not training:
        assert running_mean is not None
        assert running_var is not None
        return _at_inference(view, x, gamma, beta, running_mean, running_var, eps), (view, None)
    batch = _statistics(view, x, eps)
    y = _scaled(view, batch, gamma, beta, out=np.empty_like(batch.d))
    if running_mean is None or running_var is None:
        return y, (view, batch)
    new, old = _weights(x, momentum, momentum_of)
    moved = _moved(batch, view.each, running_mean, running_var, new, old, unbiased)
    return (y, *moved), (view, batch)


@batch_norm.vjp_rule
def _(
    dy: Any,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    *,
    residual: tuple[_Channels, _Batch | None],
    wrt: tuple[str, ...],
    training: bool,
    momentum: float,
    momentum_of: str,
    unbiased: bool,
    eps: float,
    layout: str,
) -> Cotangents:
    view, batch = residual
    dmean = dvar = None
    if type(dy) is tuple:
        dy, dmean, dvar = dy
    rows = view.of(dy)
    n = view.each
    dx = None
    drunning: tuple[Any, Any] = None, None
    if batch is None:  # at inference
        assert running_var is not None
        r = 1 / np.sqrt(running_var + float(eps))
        a = r if gamma is None else gamma * r
        total, along = _sums_with(view, rows, view.of(x), running_mean)
        if "x" in wrt:
            dx = np.multiply(rows, view.wide(a)).reshape(x.shape)
        drunning = -a * total, -a * (r * (r * along)) / 2
    else:
        r = batch.r
        a = r if gamma is None else gamma * r
        total, along = _sums_with(view, rows, batch.d, None)
        along -= batch.e * total
        per_d, shift = -a * (r * (r * along)) / n, -a * total / n
        if dmean is not None and dvar is not None:
            new, old = _weights(x, momentum, momentum_of)
            drunning = old * dmean, old * dvar
            per_d += 2 * new * dvar / (n - 1 if unbiased else n)
            shift += new * dmean / n
        if "x" in wrt:
            dx = _pulled(view, rows, batch, a, per_d, shift - batch.e * per_d).reshape(x.shape)
    return (
        dx,
        r * along if gamma is not None and "gamma" in wrt else None,
        total if beta is not None and "beta" in wrt else None,
        drunning[0] if running_mean is not None and "running_mean" in wrt else None,
        drunning[1] if running_var is not None and "running_var" in wrt else None,
    )


class _Channels:
    """An array's elements as a matrix, each of whose columns belongs to one channel.

    Sums over rows are then products with a vector of ones, which BLAS does faster than reductions,
    and statistics are stretched along rows that are long enough for a vector unit: with channels
    last, a divisor of the rows is put side by side, ``n / k`` rows of ``k C`` columns. ``each``
    counts the values of a channel.
    """

    def __init__(self, shape: Shape, layout: str, dtype: np.dtype[Any]) -> None:
        if layout == "NCHW":
            rows, self.channels, *space = shape
            self.side = math.prod(space)
            self.each = rows * self.side
            self.last = False
        else:
            *lead, self.channels = shape
            self.each = rows = math.prod(lead)
            most = max(WIDTH // max(self.channels, 1), 1)
            self.side = next(k for k in range(most, 0, -1) if rows % k == 0) if rows else 1
            rows //= self.side
            self.last = True
        self.shape = (rows, self.side * self.channels)
        self.step = max(BLOCK // max(self.shape[1] * dtype.itemsize, 1), 1)
        self.ones = np.ones(min(self.step, rows), dtype)
        self.whole = shape

    def of(self, a: Array) -> Array:
        """Return ``a`` as the matrix: a view where it is contiguous."""
        return a.reshape(self.shape)

    def wide(self, values: Array) -> Array:
        """Return one value per channel as one per column."""
        return np.tile(values, self.side) if self.last else np.repeat(values, self.side)

    def total(self, sums: Array) -> Array:
        """Return one sum per column as one per channel."""
        if self.last:
            return np.asarray(np.add.reduce(sums.reshape(self.side, self.channels), axis=0))
        return np.asarray(np.add.reduce(sums.reshape(self.channels, self.side), axis=1))

    def column_sums(self, block: Array) -> Array:
        """Return the sums of a block's columns."""
        return np.asarray(self.ones[: len(block)].dot(block))

    def blocks(self) -> Iterator[slice]:
        """Go through the rows in blocks that stay in the cache."""
        return (slice(i, i + self.step) for i in range(0, self.shape[0], self.step))


class _Batch(NamedTuple):
    """A batch's d = x - c, as a matrix, and of each channel c, e = mean(d), variance and r.

    c is the mean as it is first summed; c + e is closer to it.
    """

    d: Array
    c: Array
    e: Array
    variance: Array
    r: Array


def _statistics(view: _Channels, x: Array, eps: float) -> _Batch:
    rows, n = view.of(x), view.each
    sums = np.zeros(view.shape[1], x.dtype)
    for block in view.blocks():
        sums += view.column_sums(rows[block])
    c = view.total(sums) / n

    wide, d = view.wide(c), np.empty(view.shape, x.dtype)
    squares, sums = np.zeros_like(sums), np.zeros_like(sums)
    buffer = np.empty((len(view.ones), view.shape[1]), x.dtype)
    for block in view.blocks():
        part = np.subtract(rows[block], wide, out=d[block])
        sums += view.column_sums(part)
        squares += view.column_sums(np.multiply(part, part, out=buffer[: len(part)]))
    e = view.total(sums) / n
    e = np.where(np.isfinite(e), e, 0)  # an infinite mean has no correction
    variance = view.total(squares) / n - e * e
    variance = np.where(variance.real < 0, 0, variance)  # by rounding, where x is constant
    return _Batch(d, c, e, variance, 1 / np.sqrt(variance + float(eps)))


def _scaled(
    view: _Channels, batch: _Batch, gamma: Array | None, beta: Array | None, *, out: Array
) -> Array:
    """Return gamma (d - e) r + beta in x's shape, computed in ``out``."""
    a = batch.r if gamma is None else gamma * batch.r
    shift = -batch.e * a if beta is None else beta - batch.e * a
    wide, shift = view.wide(a), view.wide(shift)
    for block in view.blocks():
        part = np.multiply(batch.d[block], wide, out=out[block])
        part += shift
    return out.reshape(view.whole)


def _at_inference(
    view: _Channels,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    mean: Array,
    variance: Array,
    eps: float,
) -> Array:
    r = 1 / np.sqrt(variance + float(eps))
    a = view.wide(r if gamma is None else gamma * r)
    centre, shift = view.wide(mean), None if beta is None else view.wide(beta)
    rows, out = view.of(x), np.empty(view.shape, x.dtype)
    for block in view.blocks():
        part = np.subtract(rows[block], centre, out=out[block])
        part *= a
        if shift is not None:
            part += shift
    return out.reshape(view.whole)


def _moved(
    batch: _Batch, n: int, mean: Array, variance: Array, new: Any, old: Any, unbiased: bool
) -> tuple[Array, Array]:
    """Return the running statistics after a batch."""
    seen = batch.variance * n / (n - 1) if unbiased else batch.variance
    return old * mean + new * (batch.c + batch.e), old * variance + new * seen


def _sums_with(
    view: _Channels, dy: Array, other: Array, centre: Array | None
) -> tuple[Array, Array]:
    """Return sum(dy) and sum(dy (other - centre)) of each channel."""
    wide = None if centre is None else view.wide(centre)
    sums, along = np.zeros((2, view.shape[1]), dy.dtype)
    buffer = np.empty((len(view.ones), view.shape[1]), dy.dtype)
    for block in view.blocks():
        part, scratch = dy[block], buffer[: len(dy[block])]
        sums += view.column_sums(part)
        if wide is None:
            np.multiply(part, other[block], out=scratch)
        else:
            np.subtract(other[block], wide, out=scratch)
            scratch *= part
        along += view.column_sums(scratch)
    return view.total(sums), view.total(along)


def _pulled(
    view: _Channels, dy: Array, batch: _Batch, a: Array, per_d: Array, shift: Array
) -> Array:
    """Return a dy + per_d d + shift."""
    wide_a, wide_d, wide_shift = view.wide(a), view.wide(per_d), view.wide(shift)
    out = np.empty(view.shape, dy.dtype)
    buffer = np.empty((len(view.ones), view.shape[1]), dy.dtype)
    for block in view.blocks():
        part = np.multiply(dy[block], wide_a, out=out[block])
        part += np.multiply(batch.d[block], wide_d, out=buffer[: len(part)])
        part += wide_shift
    return out


def _weights(x: Array, momentum: float, momentum_of: str) -> tuple[Any, Any]:
    """Return the weights of new and old, each rounded once to the real dtype of x."""
    m, exact = x.real.dtype.type, np.longdouble(float(momentum))
    weights = m(exact), m(1 - exact)
    return weights if momentum_of == "new" else weights[::-1]


def _check_variance(running_var: Array | None) -> None:
    if running_var is not None:
        checks.not_negative(
            "batch_norm",
            "running_var",
            running_var,
            what="variances",
            nan_passes=True,
            cause="Are running_mean and running_var swapped?",
        )
