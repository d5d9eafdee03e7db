"""Which rows of a matrix a gradient is of, where rows were taken by indices and no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from refnet.arrays import Array
from refnet.graph.applied import Applied, Part, Pulled
from refnet.graph.node import Node


def rows_of(gradient: Node) -> list[Node]:
    """Return the indices of the rows that a gradient is of; none if it is of the whole.

    Examples
    --------
    >>> from refnet.graph import Graph, Variable, compute_gradients, gather
    >>> with Graph().as_default():
    ...     w = Variable(np.ones((4, 2)), name="w")
    ...     ((g, _),) = compute_gradients(gather(w, np.array([1, 3])) * 2.0)
    >>> [node.shape for node in rows_of(g)]
    [TensorShape([2])]
    """
    match gradient:
        case Part(inputs=[Pulled(of=of) as pulled], index=index):
            if of.called.name == "embedding" and index == 1:
                return [of.inputs[0]]
            flat = of.dims is not None and of.inputs[0].dims is not None
            if of.called.name == "reshape" and flat and of.dims[:1] == of.inputs[0].dims[:1]:  # type: ignore[index]
                return rows_of(pulled.inputs[0])  # each row is made flat
        case Applied(called=called, inputs=[a, b]) if called.name == "add":
            found = rows_of(a), rows_of(b)
            return [*found[0], *found[1]] if all(found) else []
        case Applied(called=called, inputs=[a, b]) if called.name == "multiply":
            if b.dims == ():  # scaled down to a norm
                return rows_of(a)
        case _:
            pass
    return []


def taken(before: Array, after: Array, ids: Sequence[Array]) -> Array:
    """Return the rows after where they were taken, and those before elsewhere."""
    kept = before.copy()
    at = np.unique(np.concatenate([i.ravel() for i in ids]))
    kept[at] = after[at]
    return kept
