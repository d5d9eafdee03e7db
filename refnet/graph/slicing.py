"""Slices of nodes, as Python and NumPy write them."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import OptionError
from refnet.graph.applied import apply
from refnet.graph.function import Function
from refnet.graph.node import Node
from refnet.graph.sources import convert
from refnet.op import ops


def sliced(x: Node, key: Any) -> Node:
    """Return x[key], for integers, slices, None and Ellipsis, with numbers that are known.

    Raises
    ------
    OptionError
        If the key has something else in it, or more axes than x.
    """
    entries = list(key) if isinstance(key, tuple) else [key]
    node = convert(x)
    if len(entries) == 1 and isinstance(entries[0], Node):
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


def _range(node: Node, entry: Any) -> tuple[int | None, int | None, int | None]:
    """Return start, stop and step of an entry of the key; an integer is a range of one."""
    if isinstance(entry, slice):
        parts = (entry.start, entry.stop, entry.step)
    elif isinstance(entry, int | np.integer) and not isinstance(entry, bool):
        i = int(entry)
        parts = (i, None if i == -1 else i + 1, None)
    else:
        parts = (entry, entry, entry)
    if any(p is not None and not isinstance(p, int | np.integer) for p in parts):
        raise OptionError(
            f"slice of {node.name!r}",
            got=f"{entry!r}",
            needs="integers, slices of integers, None or Ellipsis",
            cause="Positions that are computed: gather, or split.",
        )
    start, stop, step = (None if p is None else int(p) for p in parts)
    return start, stop, step


def _taken(node: Node, ranges: list[tuple[int | None, int | None, int | None]]) -> Node:
    if all(r == (None, None, None) for r in ranges):
        return node
    starts, stops, steps = zip(*ranges, strict=True) if ranges else ((), (), ())
    if node.dtype is not None and is_float(node.dtype):
        made: Node = apply(
            ops()["slice"], node, kind="strided_slice", starts=starts, stops=stops, steps=steps
        )
        return made
    key = tuple([slice(*r) for r in ranges])
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
    if dims.count(None) <= 1 and known is not None:
        target = tuple([-1 if n is None else n for n in dims])
    else:
        target = Function(
            node.graph,
            "Shape",
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
