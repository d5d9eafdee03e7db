"""Products over axes, running sums and running products, entry by entry."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from refnet.errors import ShapeError
from refnet.graph import Function, Node, binary, stack, unstack
from refnet.graph.shapes import inferred
from refnet.op import ops
from refnet.tf1.arrays import identity, ones_like, reshape, zeros_like
from refnet.tf1.reductions import axes_of
from refnet.tf1.values import floats, value


def reduce_prod(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Node:
    """Return the product over axes, whose lengths must be known for floats."""
    x, over = value(input_tensor), axes_of(reduction_indices if axis is None else axis)
    kept = bool(keepdims or keep_dims)
    if floats(x) and x.dims is None:
        raise ShapeError(
            f"reduce_prod of {x.name!r}",
            got="a node of which not even the number of axes is known",
            needs="lengths that are known along the axes",
            cause="Was a placeholder made without a shape?",
        )
    if not floats(x):
        return Function(
            x.graph,
            "Prod",
            lambda a: np.prod(a, axis=over, keepdims=kept, dtype=a.dtype),
            [x],
            dims=inferred(partial(ops()["sum"].shape, axis=over, keepdims=kept), [x.dims])[0],
            dtype=x.dtype,
            name=name,
        )
    rank = len(x.dims or ())
    gone = set(range(rank)) if over is None else {int(a) % rank for a in np.atleast_1d(over)}
    total = x
    for a in sorted(gone, reverse=True):
        factors = unstack(total, axis=a)
        total = factors[0] if factors else reshape(ones_like(total), [1])
        for factor in factors[1:]:
            total = total * factor
    if kept:
        total = total[tuple([None if i in gone else np.s_[:] for i in range(rank)])]
    return identity(total, name)


def cumsum(
    x: Any,
    axis: int = 0,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Node:
    """Return the sums of the entries up to each along an axis, whose length must be known."""
    return _running("add", x, axis, exclusive, reverse, name)


def cumprod(
    x: Any,
    axis: int = 0,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Node:
    """Return the products of the entries up to each along an axis, whose length must be known."""
    return _running("multiply", x, axis, exclusive, reverse, name)


def _running(
    operator: str, x: Any, axis: int, exclusive: bool, reverse: bool, name: str | None
) -> Node:
    """Return running totals; exclusive ones leave each entry itself out."""
    entries = unstack(value(x), axis=axis)
    totals: list[Node] = []
    for entry in entries[::-1] if reverse else entries:
        totals.append(binary(operator, totals[-1], entry) if totals else entry)
    if exclusive and totals:
        start = (zeros_like if operator == "add" else ones_like)(totals[0])
        totals = [start, *totals[:-1]]
    return stack(totals[::-1] if reverse else totals, axis, name)
