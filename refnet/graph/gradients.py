"""Gradients as nodes: reverse mode over the graph, each node's share from all its consumers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from refnet.arrays import is_float
from refnet.checks import choice
from refnet.errors import DtypeError, UnconnectedError
from refnet.graph.applied import Applied, Part, Pulled
from refnet.graph.function import Function, ones_like, zeros_like
from refnet.graph.node import Node
from refnet.graph.order import topological_sort
from refnet.graph.sources import convert
from refnet.graph.variable import Reading, Variable

UNCONNECTED = ("error", "none", "zero")


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    *,
    unconnected: str = "error",
    stop: Sequence[Any] = (),
    name: str = "gradients",
) -> list[Any]:
    """Return the gradient of the sum of all ``ys`` with respect to each of ``xs``, as nodes.

    The cotangent of a node is the sum of what each of its consumers passes back: dx = sum of
    J_k^T dy_k. Minimising a vector loss is minimising its sum.

    Parameters
    ----------
    ys, xs : node or sequence of nodes
        Results and what they depend on, of dtypes of floats.
    grad_ys : node or sequence, optional
        The cotangents of ``ys``; ones by default, and where one is None.
    unconnected : {"error", "none", "zero"}
        What becomes of an x that no y depends on.
    stop : sequence of nodes
        Nodes that count as constants: no cotangent flows on from them to what they depend on.

    Raises
    ------
    UnconnectedError
        If no y depends on an x; it names x. Also if a y depends on an x by a gradient, whatever
        ``unconnected`` is: gradients have no derivatives here, and what else there is of the
        gradient would be another value.
    DtypeError
        If a y or x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from refnet.graph import Graph, Session, placeholder
    >>> with Graph().as_default(), Session() as session:
    ...     x = placeholder(np.float64, [], name="x")
    ...     (dx,) = gradients(x * x * x, x)
    ...     session.run(dx, {x: 2.0})
    np.float64(12.0)
    """
    choice("gradients", "unconnected", unconnected, UNCONNECTED)
    tops, points = _nodes(ys), _nodes(xs)
    given = _several(grad_ys) if grad_ys is not None else [None] * len(tops)
    given = [None if dy is None else convert(dy) for dy in given]
    for node in (*tops, *points):
        if node.dtype is None or not is_float(node.dtype):
            raise DtypeError(
                f"gradients, node {node.name!r}",
                got=f"{node!r}",
                needs="nodes of floats",
                cause="Is it the training step, or an index, rather than the loss?",
            )
    graph = tops[0].graph
    for node in (*tops, *points):
        graph.check(node, "gradients")
    ends = set(_nodes(list(stop)))
    order = topological_sort(tops)
    wanted = _depending(order, points, ends)
    with graph.name_scope(f"{name}/"):
        shares: dict[Node, list[Node]] = {}
        for y, dy in zip(tops, given, strict=True):
            if y in wanted:
                shares.setdefault(y, []).append(ones_like(y) if dy is None else dy)
        found = _swept(order, points, wanted, shares, ends)
        results: list[Any] = []
        for x in points:
            if x in found:
                results.append(found[x])
            elif unconnected == "error":
                raise UnconnectedError(
                    f"gradients, node {x.name!r}",
                    got=f"{x.name!r}, on which {', '.join(y.name for y in tops)} does not depend",
                    needs="a node on the way to it, through operations that have derivatives",
                    cause="Is a stop_gradient, an argmax or a gradient itself in between?",
                )
            else:
                results.append(zeros_like(x) if unconnected == "zero" else None)
    return results


def _nodes(values: Any) -> list[Any]:
    return [v if isinstance(v, Variable) else convert(v) for v in _several(values)]


def _several(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _depending(order: Sequence[Node], points: Sequence[Node], ends: Collection[Node]) -> set[Node]:
    """Return the nodes that depend on any of ``points`` by operations with derivatives."""
    found: set[Node] = set(points)
    for node in order:
        if node in found or node in ends:
            continue
        if any(n in found for n in _differentiated(node)):
            found.add(node)
    return found


def _differentiated(node: Node) -> Sequence[Node]:
    """Return those inputs that a cotangent flows to."""
    if isinstance(node, Applied):
        return [n for n in node.inputs[: node.n_inputs] if n.dtype and is_float(n.dtype)]
    if isinstance(node, Pulled):
        return [n for n in node.inputs if n is not node.of]
    if isinstance(node, Part) or (isinstance(node, Function) and node.pullback is not None):
        return node.inputs
    return [node.variable] if isinstance(node, Reading) else []


def _swept(
    order: Sequence[Node],
    points: Sequence[Node],
    wanted: set[Node],
    shares: dict[Node, list[Node]],
    ends: Collection[Node],
) -> dict[Node, Node]:
    """Return the cotangent of every node that is wanted, from the results back."""
    found: dict[Node, Node] = {}
    parts: dict[Node, dict[int, Node]] = {}  # the cotangents of results, by the operation
    read: list[Variable] = []
    for node in reversed(order):
        if node not in wanted or not (node in shares or node in parts):
            continue
        if isinstance(node, Applied) and node in parts:
            dys = [parts[node].get(i) for i in range(len(node.parts))]
            _pull(node, dys, wanted, shares)
            continue
        dy = found[node] = _total(shares.pop(node))
        if node in ends:
            continue
        match node:
            case Part(inputs=[Pulled() as pulled]) if pulled in wanted:
                raise _second(pulled, points)
            case Part(inputs=[Applied() as of], index=index):
                parts.setdefault(of, {})[index] = dy
            case Applied():
                _pull(node, [dy], wanted, shares)
            case Function(pullback=pullback) if pullback is not None:
                for x, dx in zip(node.inputs, pullback(dy), strict=True):
                    if dx is not None and x in wanted:
                        shares.setdefault(x, []).append(dx)
            case Reading(variable=variable):
                shares.setdefault(variable, []).append(dy)
                read.append(variable)
    for variable in dict.fromkeys(read):  # read at their turn: not in the order themselves
        if variable in shares:
            before = [found[variable]] if variable in found else []
            found[variable] = _total([*before, *shares.pop(variable)])
    return found


def _pull(
    node: Node, dys: Sequence[Node | None], wanted: set[Node], shares: dict[Node, list[Node]]
) -> None:
    """Pass the cotangents of an operation's results on to those of its inputs that want one."""
    assert isinstance(node, Applied)
    flows = set(map(id, _differentiated(node)))
    at = [i for i, x in enumerate(node.inputs[: node.n_inputs]) if id(x) in flows and x in wanted]
    if not at:
        return
    vjp = Pulled(node, dys, at)
    for i in at:
        x = node.inputs[i]
        assert x.dtype is not None
        shares.setdefault(x, []).append(Part(vjp, i, x.dims, x.dtype))


def _second(pulled: Pulled, points: Sequence[Node]) -> UnconnectedError:
    """Return the error that names what is differentiated twice, and by what."""
    before = set(topological_sort([pulled]))
    x = next(p for p in points if p in before)
    return UnconnectedError(
        f"gradients, node {x.name!r}",
        got=f"a gradient, of {pulled.of.name!r}, between {x.name!r} and what is differentiated",
        needs="operations that have derivatives",
        cause="Gradients of gradients are not there; stop_gradient makes a constant of one.",
    )


def _total(shares: Sequence[Node]) -> Node:
    total = shares[0]
    for share in shares[1:]:
        total = total + share
    return total
