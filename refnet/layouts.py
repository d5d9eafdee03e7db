"""Layouts of a convolution's arrays: channels last or first, and weights in the order of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import ShapeError


class Channels(NamedTuple):
    """The sizes of a convolution: of x and of the window, and the result's channels."""

    size: Shape
    kernel: Shape
    out: int


def channels_last(a: Array, layout: str) -> Array:
    """Return an array in ``layout`` as a view with its channels last.

    Examples
    --------
    >>> channels_last(np.ones((1, 2, 3, 4)), "NCHW").shape
    (1, 3, 4, 2)
    """
    return np.moveaxis(a, 1, -1) if layout.startswith("NC") else a


def in_layout(a: Array, layout: str) -> Array:
    """Return an array whose channels are last as a view in ``layout``."""
    return np.moveaxis(a, -1, 1) if layout.startswith("NC") else a


def weights_last(w: Array, layout: str) -> Array:
    """Return weights in the order of ``layout`` (OIHW for NCHW) as a view in the order HWIO.

    Examples
    --------
    >>> weights_last(np.ones((1, 2, 3, 4)), "NCHW").shape
    (3, 4, 2, 1)
    """
    return w.transpose(*range(2, w.ndim), 1, 0) if layout.startswith("NC") else w


def weights_in_layout(w: Array, layout: str) -> Array:
    """Return weights in the order HWIO as a view in the order of ``layout``."""
    n = w.ndim
    return w.transpose(n - 1, n - 2, *range(n - 2)) if layout.startswith("NC") else w


def channels(
    op: str,
    x: Shape,
    w: Shape,
    b: Shape | None,
    *,
    groups: Any,
    layout: str,
    transposed: bool = False,
) -> Channels:
    """Return the sizes that shapes in ``layout`` stand for, or refuse what does not fit.

    ``transposed`` says that w is the weight of the convolution whose adjoint is meant.
    """
    n = checks.count(op, "groups", groups, low=1)
    first = layout.startswith("NC")
    cells = [f"K{axis}" for axis in layout.strip("NC")]
    into, out = ("K/groups", "C") if transposed else ("C/groups", "K")
    x_axes = f"({', '.join(layout)})"
    w_axes = f"({', '.join([out, into, *cells] if first else [*cells, into, out])})"
    if len(x) != len(layout) or len(w) != len(layout):
        raise ShapeError(
            op,
            got=f"x {x} and w {w}",
            needs=f"x {x_axes} and w {w_axes}",
            cause="Is the batch axis missing, or the axis of a single channel?",
        )
    c, size = (x[1], x[2:]) if first else (x[-1], x[1:-1])
    ci, co, kernel = (w[1], w[0], w[2:]) if first else (w[-2], w[-1], w[:-2])
    taken, k = (co, ci * n) if transposed else (ci * n, co)
    if c != taken:
        raise ShapeError(
            op,
            got=f"x {x} with {c} channels and w {w} for {taken}, groups={n}",
            needs=f"x {x_axes} and w {w_axes} of one C",
            cause="Is groups the number of x's channels?"
            if n > c
            else f"Is the layout another one than {layout!r}, or groups missing?",
        )
    if co % n:
        raise ShapeError(
            op,
            got=f"w {w} with {out}={co} and groups={n}",
            needs=f"{out} of w {w_axes} to be a multiple of groups",
            cause="Every group has as many channels as any other.",
        )
    if b is not None and b != (k,):
        raise ShapeError(
            op,
            got=f"w {w} and b {b}",
            needs=f"b of shape ({k},), one value per channel of the result",
            cause="Was it made for x's channels, or given axes to broadcast by?",
        )
    return Channels(size, kernel, k)


def shaped(n: int, size: Shape, k: int, layout: str) -> Shape:
    """Return the shape in ``layout`` of n samples of k channels."""
    return (n, k, *size) if layout.startswith("NC") else (n, *size, k)
