"""The order in which nodes are evaluated: Kahn's topological sort."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from heapq import heapify, heappop, heappush

from refnet.errors import CycleError
from refnet.graph.node import Node


def topological_sort(
    fetches: Sequence[Node], sources: Collection[Node] = frozenset()
) -> list[Node]:
    """Return the nodes that ``fetches`` need, each after all that it needs itself.

    Kahn 1962 (Topological sorting of large networks, CACM 5). Of the nodes that are ready the one
    made first comes first, so that the order is the same in every run. What ``sources`` need is not
    looked at: they are given.

    Raises
    ------
    CycleError
        If nodes need one another; it names them in order.

    Examples
    --------
    >>> import numpy as np
    >>> from refnet.graph import Graph, placeholder
    >>> with Graph().as_default():
    ...     x = placeholder(np.float32, [2], name="x")
    ...     y = x * x + x
    >>> [node.name for node in topological_sort([y])]
    ['x:0', 'mul:0', 'add:0']
    """
    needed: dict[Node, int] = {}  # how many inputs of a node are not in order yet
    consumers: dict[Node, list[Node]] = {}
    found = list(fetches)
    while found:
        node = found.pop()
        if node in needed:
            continue
        before = [] if node in sources else [*dict.fromkeys([*node.inputs, *node.controls])]
        needed[node] = len(before)
        for n in before:
            consumers.setdefault(n, []).append(node)
        found.extend(before)
    ready = {n.number: n for n, count in needed.items() if not count}
    waiting = [*ready]
    heapify(waiting)
    order: list[Node] = []
    while waiting:
        node = ready[heappop(waiting)]
        order.append(node)
        for consumer in consumers.get(node, ()):
            needed[consumer] -= 1
            if not needed[consumer]:
                ready[consumer.number] = consumer
                heappush(waiting, consumer.number)
    if len(order) < len(needed):
        raise _cycle({n for n, count in needed.items() if count})
    return order


def _cycle(left: set[Node]) -> CycleError:
    """Return the error that names a cycle among the nodes that are left over."""
    node = min(left, key=lambda n: n.number)
    path: list[Node] = []
    while node not in path:  # every node that is left needs another that is left
        path.append(node)
        node = next(n for n in (*node.inputs, *node.controls) if n in left)
    names = [n.name for n in (*path[path.index(node) :], node)]
    return CycleError(
        "topological_sort",
        got=f"nodes that need one another: {' <- '.join(names)}",
        needs="a graph without cycles",
        cause="Was the list of inputs of a node changed by hand?",
    )
