"""Slices of nodes, as Python and NumPy write them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import OptionError
from refnet.graph.applied import apply
from refnet.graph.function import Function
from refnet.graph.graph import Graph
from refnet.graph.node import Node
from refnet.graph.sources import convert
from refnet.op import ops

END = np.iinfo(np.int64).max  # as a stop: the end of the axis


def sliced(x: Node, key: Any) -> Node:
    """Return x[key], for integers, slices, None and Ellipsis; nodes of integers among the numbers.

    Raises
    ------
    OptionError
        If the key has something else in it, or more axes than x, or a step that is computed or
        goes backwards from or to a place that is.
    """
    entries = list(key) if isinstance(key, tuple) else [key]
    node = convert(x)
    if len(entries) == 1 and isinstance(entries[0], Node) and entries[0].dims != ():
        from refnet.graph.indexing import gather

        return gather(node, entries[0])
    axes = sum(e is not None and e is not Ellipsis for e in entries)
    rank = axes if node.dims is None else len(node.dims)
    if sum(e is Ellipsis for e in entries) > 1 or axes > rank:
        raise OptionError(
            f"slice of {node.name!r}",
            got=f"{axes} axes in {key!r}",
            needs=f"at most {rank}, and one Ellipsis",
            cause="Is an axis too many?",
        )
    at = next((i for i, e in enumerate(entries) if e is Ellipsis), len(entries))
    entries[at : at + 1] = [slice(None)] * (rank - axes)
    ranges = [_range(node, e) for e in entries if e is not None]
    assert node.dtype is not None
    taken = _taken(node, ranges)
    if all(isinstance(e, slice) for e in entries):
        return taken
    return _reshaped(taken, entries)


Place: TypeAlias = "int | Node | None"
Range: TypeAlias = "tuple[Place, Place, int | None]"


def _range(node: Node, entry: Any) -> Range:
    """Return start, stop and step of an entry of the key; an integer is a range of one."""
    parts: tuple[Any, Any, Any]
    if isinstance(entry, slice):
        parts = (entry.start, entry.stop, entry.step)
    elif isinstance(entry, Node):
        parts = (entry, _after(entry), None)
    elif isinstance(entry, int | np.integer) and not isinstance(entry, bool):
        parts = (entry, None if entry == -1 else entry + 1, None)
    else:
        parts = (entry, entry, entry)
    start, stop, step = (int(p) if isinstance(p, int | np.integer) else p for p in parts)
    computed = [p for p in (start, stop) if isinstance(p, Node)]
    if (
        any(p is not None and not isinstance(p, int | Node) for p in (start, stop))
        or not (step is None or isinstance(step, int))
        or not all(map(_is_place, computed))
        or (computed and step is not None and step < 0)
    ):
        raise OptionError(
            f"slice of {node.name!r}",
            got=f"{entry!r}",
            needs="integers, or nodes of single ones, slices of them, None or Ellipsis",
            cause="Is it a vector of positions? gather takes those.",
        )
    return start, stop, step


def _is_place(node: Node) -> bool:
    return node.dtype is not None and node.dtype.kind in "iu" and node.dims in ((), None)


def _after(place: Node) -> Node:
    """Return the place behind one, which has none behind the last."""

    def after(i: Array) -> Array:
        return np.asarray(END if i == -1 else i + 1, np.int64)

    return Function(place.graph, "after", after, [place], dims=(), dtype=np.int64)


def _taken(node: Node, ranges: list[Range]) -> Node:
    if all(r == (None, None, None) for r in ranges):
        return node
    if any(isinstance(p, Node) for r in ranges for p in r):
        return _taken_by_nodes(node, ranges)
    starts, stops, steps = zip(*ranges, strict=True) if ranges else ((), (), ())
    if node.dtype is not None and is_float(node.dtype):
        made: Node = apply(
            ops()["slice"], node, kind="strided_slice", starts=starts, stops=stops, steps=steps
        )
        return made
    key: tuple[Any, ...] = tuple(map(slice, starts, stops, steps))
    dims = None
    if node.dims is not None:
        lengths = [
            n if r == (None, None, None) else None if n is None else len(range(n)[s])
            for n, r, s in zip(node.dims, ranges, key, strict=False)
        ]
        dims = (*lengths, *node.dims[len(ranges) :])
    return Function(
        node.graph, "strided_slice", lambda a: a[key].copy(), [node], dims=dims, dtype=node.dtype
    )


def _taken_by_nodes(node: Node, ranges: list[Range]) -> Node:
    """Return a slice whose starts and stops are computed."""
    starts = _places(node.graph, [r[0] for r in ranges], 0)
    stops = _places(node.graph, [r[1] for r in ranges], END)
    steps = tuple([r[2] for r in ranges])
    dims = None
    if node.dims is not None:
        known = [
            None
            if n is None or isinstance(a, Node) or isinstance(b, Node)
            else len(range(n)[a:b:c])
            for n, (a, b, c) in zip(node.dims, ranges, strict=False)
        ]
        dims = (*known, *node.dims[len(ranges) :])
    if node.dtype is not None and is_float(node.dtype):
        made: Node = apply(
            ops()["slice"],
            node,
            kind="strided_slice",
            known=dims,
            starts=starts,
            stops=stops,
            steps=steps,
        )
        return made

    def taken(a: Array, first: Array, last: Array) -> Array:
        key = tuple(map(slice, first.tolist(), last.tolist(), steps))
        return a[key].copy()

    inputs = [node, starts, stops]
    return Function(node.graph, "strided_slice", taken, inputs, dims=dims, dtype=node.dtype)


def _places(graph: Graph, places: list[Place], default: int) -> Node:
    """Return places as a vector, those left out by default."""
    nodes = [p for p in places if isinstance(p, Node)]

    def joined(*values: Array) -> Array:
        found = iter(values)
        every = [
            int(next(found)) if isinstance(p, Node) else default if p is None else p for p in places
        ]
        return np.array(every, np.int64)

    return Function(
        graph,
        "places",
        joined,
        nodes,
        dims=(len(places),),
        dtype=np.int64,
    )


def _reshaped(node: Node, entries: list[Any]) -> Node:
    """Return the node without the axes of integers, and with an axis of 1 for each None."""
    known = node.dims
    dims: list[int | None] = []
    axis = 0
    for e in entries:
        if e is None:
            dims.append(1)
        else:
            if isinstance(e, slice):
                dims.append(None if known is None else known[axis])
            axis += 1
    if known is not None:
        dims.extend(known[axis:])

    def lengths(shape: tuple[int, ...]) -> tuple[int, ...]:
        found, at = [], 0
        for e in entries:
            if e is None:
                found.append(1)
            else:
                if isinstance(e, slice):
                    found.append(shape[at])
                at += 1
        return (*found, *shape[at:])

    target: Any
    if dims.count(None) <= 1 and 0 not in dims and known is not None:
        target = tuple([-1 if n is None else n for n in dims])
    else:
        target = Function(
            node.graph,
            "lengths",
            lambda a: np.array(lengths(a.shape), np.int64),
            [node],
            dims=None if known is None else (len(dims),),
            dtype=np.int64,
        )
    result = None if known is None else tuple(dims)
    if node.dtype is not None and is_float(node.dtype):
        made: Node = apply(ops()["reshape"], node, kind="strided_slice", known=result, shape=target)
        made.dims = result if made.dims is None else made.dims
        return made

    def reshaped(a: Array, *shape: Array) -> Array:
        return a.reshape(lengths(a.shape) if shape else target)

    inputs = [node, *([target] if isinstance(target, Node) else [])]
    return Function(node.graph, "strided_slice", reshaped, inputs, dims=result, dtype=node.dtype)
