"""Rows of a table, looked up by number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape, by_rows
from refnet.errors import DomainError, OptionError, ShapeError
from refnet.op import operation


@operation(analytic=True, integer_inputs=("ids",))
def embedding(ids: Array, table: Array, /, *, padding_idx: int | None = None) -> Array:
    """Return the table's row for each number: ids (...), table (V, D) -> y (..., D).

    dtype of the table, whose values are copied.

    Parameters
    ----------
    padding_idx : int, optional
        A number whose row is looked up like any other and gets no gradient, as in PyTorch.

    VJP: dtable has in each row the sum of dy where it was looked up, in their order, 0 in the
    others and in that of padding_idx; float16 sums in float32. The cotangent of ids is None.

    Raises
    ------
    ShapeError
        If the table is no matrix.
    DomainError
        If a number is negative (which would count from the end in NumPy) or not below V.
    OptionError
        If padding_idx is no row of the table.
    DtypeError
        If ids are no integers, or the table is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> ids, table = np.array([2, 0, 2]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> rn.embedding(ids, table)
    array([[5., 6.],
           [1., 2.],
           [5., 6.]])
    >>> rn.embedding.vjp(np.ones((3, 2)), ids, table)[1]
    array([[1., 1.],
           [0., 0.],
           [2., 2.]])
    """
    _check_ids(ids, len(table))
    return np.take(table, ids, axis=0)


@embedding.shape_rule
def _(ids: Shape, table: Shape, *, padding_idx: Any) -> Shape:
    if len(table) != 2:
        raise ShapeError(
            "embedding",
            got=f"table {table}",
            needs="table (V, D), a row for each number",
            cause="Were ids and table exchanged?",
        )
    if padding_idx is not None:
        n = checks.count("embedding", "padding_idx", padding_idx)
        if n >= table[0]:
            raise OptionError(
                "embedding",
                got=f"padding_idx={n} for a table of {table[0]} row(s)",
                needs="the number of a row",
                cause="Is the padding symbol missing from the vocabulary?",
            )
    return (*ids, table[1])


@embedding.vjp_rule
def _(
    dy: Array, ids: Array, table: Array, *, wrt: Collection[str], padding_idx: int | None
) -> Cotangents:
    if "table" not in wrt:
        return None, None
    _check_ids(ids, len(table))
    dtable = np.zeros(table.shape, dy.dtype)
    if ids.size:
        # In order of their rows; a stable sort keeps the order of the terms of each sum.
        flat = ids.reshape(ids.size)
        order = np.argsort(flat, kind="stable")
        ranked = flat[order]
        starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
        dtable[ranked[starts]] = np.add.reduceat(by_rows(dy)[order], starts, axis=0)
    if padding_idx is not None:
        dtable[padding_idx] = 0
    return None, dtable


def _check_ids(ids: Array, rows: int) -> None:
    bad = (ids < 0) | (ids >= rows)
    if bad.any():
        place = checks.first_place(np.asarray(bad))
        raise DomainError(
            "embedding",
            got=f"the number {int(ids[place])} at position {place}",
            needs=f"numbers from 0 to {rows - 1}" if rows else "no numbers for an empty table",
            cause="Do the numbers start at 1, or is a padding number negative?",
        )
