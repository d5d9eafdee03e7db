"""Gradients of a matrix of which rows were taken by indices and no more: which rows they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def shares_of(gradient: Node) -> list[Node]:
    """Return what a gradient is made of before the shares of one row are added up.

    Of a gradient of the whole it is the gradient itself.
    """
    shares: list[Node] = []

    def kept(share: Node) -> Node:
        shares.append(share)
        return share

    by_shares(gradient, kept)
    return shares


def by_shares(gradient: Node, f: Callable[[Node], Node]) -> Node:
    """Return a gradient with f applied to each share of a row, before those of one are added up.

    So TensorFlow clips them. Of a gradient of the whole it is f of the gradient.

    Examples
    --------
    >>> from refnet.graph import Graph, Session, Variable, compute_gradients, gather
    >>> with Graph().as_default(), Session() as session:
    ...     w = Variable(np.ones((3, 1)), name="w")
    ...     ((g, _),) = compute_gradients(gather(w, np.array([1, 1, 2])) * 2.0)
    ...     _ = session.run(w.initializer)
    ...     session.run(by_shares(g, lambda share: share + 1.0)).ravel()
    array([0., 6., 3.])
    """
    if not rows_of(gradient):
        return f(gradient)
    match gradient:
        case Part(inputs=[Pulled(of=of) as pulled], index=index):
            inner = pulled.inputs[0]
            share = f(inner) if of.called.name == "embedding" else by_shares(inner, f)
            assert gradient.dtype is not None
            return Part(Pulled(of, [share], [index]), index, gradient.dims, gradient.dtype)
        case Applied(called=called, inputs=[a, b]) if called.name == "add":
            return by_shares(a, f) + by_shares(b, f)
        case Applied(inputs=[a, b]):
            return by_shares(a, lambda share: f(share * b))
    raise AssertionError(gradient)


def taken(before: Array, after: Array, ids: Sequence[Array]) -> Array:
    """Return the rows after where they were taken, and those before elsewhere."""
    kept = before.copy()
    at = np.unique(np.concatenate([i.ravel() for i in ids]))
    kept[at] = after[at]
    return kept
