"""Rows and entries taken by indices that are computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import DtypeError, OptionError
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
        order = (axis % len(x.dims), *[i for i in range(len(x.dims)) if i != axis % len(x.dims)])
        if ids.dims != () and not (ids.dims and len(ids.dims) == 1):
            raise OptionError(
                f"gather of {x.name!r}",
                got=f"axis={axis} with indices of shape {ids.shape}",
                needs="a single index or a vector of them",
                cause="Along axis 0 indices may have any shape.",
            )
        first = gather(transpose(x, order), ids)
        if ids.dims == ():
            return first
        return transpose(first, tuple(int(i) for i in np.argsort(order)))
    if is_float(x.dtype) and (x.dims is None or len(x.dims) == 2):
        made: Node = apply(ops()["embedding"], ids, x, kind="GatherV2", name=name)
        return made
    if is_float(x.dtype) and x.dims is not None:
        rows = _by_rows(x)
        found: Node = apply(ops()["embedding"], ids, rows, kind="GatherV2", name=name)
        tail = tuple([-1 if n is None else n for n in x.dims[1:]])
        if ids.dims is None or None in ids.dims[1:] or -1 in tail:
            raise OptionError(
                f"gather of {x.name!r}",
                got=f"shapes {x.shape} and {ids.shape}",
                needs="lengths that are known, but for the first",
                cause="Was a placeholder made with None there?",
            )
        target = (*[-1 if n is None else n for n in ids.dims], *tail)
        reshaped: Node = apply(ops()["reshape"], found, kind="GatherV2", shape=target)
        return reshaped
    dims = None if x.dims is None or ids.dims is None else (*ids.dims, *x.dims[1:])

    def taken(a: Array, i: Array) -> Array:
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


def _by_rows(x: Node) -> Node:
    """Return x as a matrix with a row for each entry along the first axis."""
    width = -1
    if x.dims is not None and None not in x.dims[1:]:
        width = int(np.prod([n or 0 for n in x.dims[1:]], dtype=int)) if len(x.dims) > 1 else 1
    first = -1 if width != -1 else (x.dims or (None,))[0]
    made: Node = apply(ops()["reshape"], x, kind="Reshape", shape=(first, width))
    return made
