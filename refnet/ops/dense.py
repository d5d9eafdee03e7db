"""The dense (fully connected, affine, linear) layer's operation, and its bias alone."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.errors import ShapeError
from refnet.op import operation


@operation(analytic=True)
def dense(x: Array, w: Array, b: Array | None = None, /) -> Array:
    """Return x w + b: x (..., C), w (C, K), b (K,) -> y (..., K), dtype of x.

    Samples are in rows. A vector x (C,) is one sample and gives y (K,). float16 accumulates in
    float32, the other dtypes in their own.

    VJP: dx = dy w^T, dw = x^T dy and db = dy, the last two summed over the samples.

    Raises
    ------
    ShapeError
        If w is not a matrix, or its rows differ from x's features or its columns from b's length.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, b = np.array([[1.0, 2.0]]), np.array([1.0, 2.0, 3.0])
    >>> w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> rn.dense(x, w, b)
    array([[10., 14., 18.]])
    >>> dx, dw, db = rn.dense.vjp(np.array([[1.0, 0.0, -1.0]]), x, w, b)
    >>> dx
    array([[-2., -2.]])
    """
    y = _product(x, w)
    if b is not None:
        y += b
    return y


@dense.shape_rule
def _(x: Shape, w: Shape, b: Shape | None) -> Shape:
    if len(w) != 2 or not x:
        raise ShapeError(
            "dense",
            got=f"x {x} and w {w}",
            needs="x (..., C) and w (C, K)",
            cause="Is a convolution's kernel or a bias passed as w?",
        )
    if x[-1] != w[0]:
        raise ShapeError(
            "dense",
            got=f"x {x} and w {w}",
            needs=f"as many rows in w as x has features, {x[-1]}",
            cause="Was w passed transposed?" if x[-1] == w[1] else "Is x another layer's input?",
        )
    if b is not None and b != w[1:]:
        raise ShapeError(
            "dense",
            got=f"w {w} and b {b}",
            needs=f"b of shape ({w[1]},), one value per column of w",
            cause="A bias of shape (1, K) is passed as b[0].",
        )
    return (*x[:-1], w[1])


@dense.vjp_rule
def _(dy: Array, x: Array, w: Array, b: Array | None, *, wrt: tuple[str, ...]) -> Cotangents:
    drows = by_rows(dy)
    dx = _product(dy, w.T) if "x" in wrt else None
    dw = by_rows(x).T.dot(drows) if "w" in wrt else None
    db = _column_sums(drows) if b is not None and "b" in wrt else None
    return dx, dw, db


@operation(analytic=True)
def bias_add(x: Array, b: Array, /) -> Array:
    """Return x + b: x (..., C), b (C,) -> y of x's shape and dtype.

    VJP: dx = dy; db = dy summed over every axis but the last.

    Raises
    ------
    ShapeError
        If b is not a vector with one value per channel of x.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.bias_add(np.zeros((2, 3)), np.array([1.0, 2.0, 3.0]))
    array([[1., 2., 3.],
           [1., 2., 3.]])
    """
    return x + b


@bias_add.shape_rule
def _(x: Shape, b: Shape) -> Shape:
    if not x or b != x[-1:]:
        raise ShapeError(
            "bias_add",
            got=f"x {x} and b {b}",
            needs="x (..., C) and b (C,)",
            cause="Are the channels not on the last axis?",
        )
    return x


@bias_add.vjp_rule
def _(dy: Array, x: Array, b: Array) -> Cotangents:
    return dy.copy(), _column_sums(by_rows(dy))


def _product(x: Array, w: Array) -> Array:
    """Return x (..., C) times w (C, K)."""
    # For matrices dot is the same call of BLAS as @, sooner.
    if x.ndim == 2:
        return np.asarray(x.dot(w))
    return np.asarray(by_rows(x).dot(w)).reshape(*x.shape[:-1], w.shape[1])


def _column_sums(a: Array) -> Array:
    ones = np.empty(len(a), a.dtype)
    ones.fill(1)
    return np.asarray(ones.dot(a))  # BLAS is twice as fast as reduce
