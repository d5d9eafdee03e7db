"""The matrix product."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Cotangents, Shape
from refnet.broadcasting import sum_to
from refnet.errors import ShapeError
from refnet.op import operation


@operation(analytic=True)
def matmul(a: Array, b: Array, /) -> Array:
    """Return the matrix product: a (..., N, K), b (..., K, M) -> y (..., N, M), dtype of a.

    Leading axes broadcast. A vector a (K,) counts as one row and a vector b (K,) as one column,
    and their axis is absent from y, as in ``numpy.matmul``. float16 accumulates in float32.

    VJP: da = dy b^T and db = a^T dy, summed over the leading axes along which each was stretched.

    Raises
    ------
    ShapeError
        If an operand has no axes, the inner lengths differ or the leading axes do not broadcast.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.matmul(np.array([1.0, 2.0]), np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]))
    array([ 5., 11., 17.])
    """
    return _product(a, b)


@matmul.shape_rule
def _(a: Shape, b: Shape) -> Shape:
    if not a or not b:
        raise ShapeError(
            "matmul",
            got=f"a {a} and b {b}",
            needs="a and b with at least one axis each",
            cause="For a product with a scalar use multiply.",
        )
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    if a[-1] != b[-2:][0]:
        raise ShapeError(
            "matmul",
            got=f"a {a} and b {b}",
            needs=f"as many rows in b as a has columns, {a[-1]}",
            cause="Is one of them transposed?",
        )
    try:
        lead = np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError as error:
        raise ShapeError(
            "matmul",
            got=f"a {a} and b {b}",
            needs="leading axes that broadcast",
            cause="Is a batch axis missing or in another place?",
        ) from error
    return (*lead, *rows, *columns)


@matmul.vjp_rule
def _(dy: Array, a: Array, b: Array, *, wrt: tuple[str, ...]) -> Cotangents:
    row, column = a.ndim == 1, b.ndim == 1
    a2 = a[np.newaxis] if row else a
    b2 = b[:, np.newaxis] if column else b
    if column:
        dy = dy[..., np.newaxis]
    if row:
        dy = dy[..., np.newaxis, :]
    da = db = None
    if "a" in wrt:
        da = _summed(_product(dy, b2.swapaxes(-1, -2)), a2.shape).reshape(a.shape)
    if "b" in wrt:
        db = _summed(_product(a2.swapaxes(-1, -2), dy), b2.shape).reshape(b.shape)
    return da, db


def _summed(product: Array, shape: Shape) -> Array:
    """Return a product, which is an array of its own, summed to ``shape``."""
    return product if product.shape == shape else sum_to(product, shape)


def _product(a: Array, b: Array) -> Array:
    # For matrices dot is the same call of BLAS as @, sooner.
    return np.asarray(a.dot(b)) if a.ndim == b.ndim == 2 else a @ b
