"""Broadcasting and its adjoint: what stretches forward is summed backward."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array, Shape
from refnet.errors import ShapeError


def broadcast_shapes(op: str, a: Shape, b: Shape, names: tuple[str, str] = ("a", "b")) -> Shape:
    """Return the shape of two operands under NumPy's broadcasting rule, or raise ShapeError."""
    if a == b:
        return a
    try:
        return np.broadcast_shapes(a, b)
    except ValueError as error:
        raise ShapeError(
            op,
            got=f"{names[0]} {a} and {names[1]} {b}",
            needs="shapes that are equal, counted from the last axis, wherever neither is 1",
            cause="Is an axis missing or transposed?",
        ) from error


def sum_to(a: Array, shape: Shape) -> Array:
    """Sum ``a`` over the axes along which an operand of ``shape`` was stretched; a new array.

    Examples
    --------
    >>> sum_to(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    if a.shape == shape:
        return a.copy()
    lead = a.ndim - len(shape)
    stretched = tuple(i for i in range(lead, a.ndim) if shape[i - lead] == 1 and a.shape[i] != 1)
    return np.add.reduce(a, axis=(*range(lead), *stretched), keepdims=True).reshape(shape)
