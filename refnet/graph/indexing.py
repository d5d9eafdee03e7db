"""Rows and entries taken by indices that are computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import DomainError, DtypeError, OptionError
from refnet.graph.applied import apply
from refnet.graph.function import Function
from refnet.graph.node import Node
from refnet.graph.sources import convert
from refnet.op import ops


def gather(params: Any, indices: Any, name: str | None = None, *, axis: int = 0) -> Node:
    """Return the entries of params along an axis at integer indices.

    Raises
    ------
    DtypeError
        If the indices are no integers.
    OptionError
        If the axis is not the first and params' shape is not known.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(gather(constant([1.0, 2.0, 3.0]), [2, 0]))
    array([3., 1.])
    """
    x, ids = convert(params), convert(indices)
    assert x.dtype is not None
    if ids.dtype is None or ids.dtype.kind not in "iu":
        raise DtypeError(
            f"gather of {x.name!r}",
            got=f"indices of dtype {ids.dtype}",
            needs="integers",
            cause="Is a cast missing?",
        )
    if axis:
        if x.dims is None:
            raise OptionError(
                f"gather of {x.name!r}",
                got=f"axis={axis} of a node whose number of axes is not known",
                needs="a known number of axes",
                cause="Was a placeholder made without a shape?",
            )
        if ids.dims is None:
            raise OptionError(
                f"gather of {x.name!r}",
                got=f"axis={axis} with indices whose number of axes is not known",
                needs="a known number of axes",
                cause="Was a placeholder made without a shape?",
            )
        rank, more, at = len(x.dims), len(ids.dims), axis % len(x.dims)
        first = gather(transpose(x, (at, *[i for i in range(rank) if i != at])), ids)
        if at == 0:
            return first
        # The axes of the indices are the first ones: back to the place of the axis.
        before = range(more, more + at)
        return transpose(first, (*before, *range(more), *range(more + at, more + rank - 1)), name)
    if is_float(x.dtype) and (x.dims is None or len(x.dims) == 2):
        made: Node = apply(ops()["embedding"], ids, x, kind="GatherV2", name=name)
        return made
    if is_float(x.dtype) and x.dims is not None:
        rows = _by_rows(x)
        found: Node = apply(ops()["embedding"], ids, rows, kind="GatherV2", name=name)
        known = None if ids.dims is None else (*ids.dims, *x.dims[1:])
        target: Any = known and tuple([-1 if n is None else n for n in known])
        if known is None or known.count(None) > 1:
            target = _lengths(ids, x, None if known is None else len(known))
        reshaped: Node = apply(ops()["reshape"], found, kind="GatherV2", known=known, shape=target)
        return reshaped
    dims = None if x.dims is None or ids.dims is None else (*ids.dims, *x.dims[1:])

    def taken(a: Array, i: Array) -> Array:
        if ((i < 0) | (i >= len(a))).any():
            raise DomainError(
                "gather",
                got=f"indices from {i.min()} to {i.max()}",
                needs=f"indices from 0 to {len(a) - 1}",
                cause="Do they start at 1, or are they another table's?",
            )
        return np.asarray(a[i])

    return Function(x.graph, "GatherV2", taken, [x, ids], dims=dims, dtype=x.dtype, name=name)


def transpose(x: Any, axes: tuple[int, ...] | None = None, name: str | None = None) -> Node:
    """Return x with its axes in another order, reversed by default.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(transpose(constant([[1.0, 2.0]]))).shape
    (2, 1)
    """
    node = convert(x)
    assert node.dtype is not None
    if is_float(node.dtype):
        made: Node = apply(ops()["transpose"], node, kind="transpose", name=name, axes=axes)
        return made
    dims = node.dims
    if dims is not None:
        order = range(len(dims))[::-1] if axes is None else axes
        dims = tuple([dims[i] for i in order])
    return Function(
        node.graph,
        "transpose",
        lambda a: np.transpose(a, axes).copy(),
        [node],
        dims=dims,
        dtype=node.dtype,
        name=name,
    )


def _lengths(ids: Node, x: Node, rank: int | None) -> Node:
    """Return the shape of the rows of x at ids, computed."""

    def lengths(i: Array, a: Array) -> Array:
        return np.array((*i.shape, *a.shape[1:]), np.int64)

    return Function(x.graph, "lengths", lengths, [ids, x], dims=(rank,), dtype=np.int64)


def _by_rows(x: Node) -> Node:
    """Return x as a matrix with a row for each entry along the first axis."""
    width = -1
    if x.dims is not None and None not in x.dims[1:]:
        width = int(np.prod([n or 0 for n in x.dims[1:]], dtype=int)) if len(x.dims) > 1 else 1
    first = -1 if width != -1 else (x.dims or (None,))[0]
    shape: Any = (first, width)
    if first is None:
        shape = Function(
            x.graph, "lengths", lambda a: np.array((len(a), -1)), [x], dims=(2,), dtype=np.int64
        )
    known = (None, None) if isinstance(shape, Node) else None
    made: Node = apply(ops()["reshape"], x, kind="Reshape", known=known, shape=shape)
    return made
