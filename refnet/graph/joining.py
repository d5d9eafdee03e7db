"""Nodes stacked, joined and taken apart, of any dtype."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from refnet.arrays import is_float
from refnet.errors import DtypeError, OptionError
from refnet.graph.applied import apply
from refnet.graph.function import Function
from refnet.graph.node import Node
from refnet.graph.shapes import inferred
from refnet.graph.sources import convert
from refnet.op import ops


def stack(values: Sequence[Any], axis: int = 0, name: str | None = None) -> Node:
    """Return values of one shape stacked along a new axis.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(stack([constant([1, 2]), constant([3, 4])], axis=1))
    array([[1, 3],
           [2, 4]])
    """
    return _joined("stack", np.stack, values, axis, name)


def concat(values: Sequence[Any], axis: int, name: str | None = None) -> Node:
    """Return values joined along an axis.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(concat([constant([1, 2]), constant([3])], 0))
    array([1, 2, 3])
    """
    return _joined("concat", np.concatenate, values, axis, name)


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str | None = None
) -> list[Node]:
    """Return the entries along an axis, whose length must be known or given.

    Raises
    ------
    OptionError
        If the length is not known and ``num`` not given.

    Examples
    --------
    >>> from refnet.graph import Graph, placeholder
    >>> with Graph().as_default():
    ...     bits = placeholder(np.float32, [None, 8, 2])
    ...     len(unstack(bits, axis=1))
    8
    """
    x = convert(value)
    if num is None:
        num = None if x.dims is None or not -len(x.dims) <= axis < len(x.dims) else x.dims[axis]
    if num is None:
        raise OptionError(
            f"unstack of {x.name!r}",
            got=f"axis={axis}, whose length is not known",
            needs="a length that is known when the graph is made, or num",
            cause="Was the placeholder made with None there?",
        )
    if x.dtype is not None and not is_float(x.dtype):
        from refnet.graph.slicing import sliced

        before = (slice(None),) * (axis if axis >= 0 else axis + len(x.dims or ()))
        return [sliced(x, (*before, i)) for i in range(num)]
    known = None
    if x.dims is not None and x.dims[axis] is None:
        at = axis % len(x.dims)
        known = (*x.dims[:at], *x.dims[at + 1 :])
    made = apply(
        ops()["unstack"], x, kind="unstack", name=name, results=num, known=known, axis=axis
    )
    return list(made)


def _joined(
    name: str, f: Callable[..., Any], values: Sequence[Any], axis: int, label: str | None
) -> Node:
    nodes = [convert(v) for v in values] if isinstance(values, list | tuple) else [convert(values)]
    dtypes = {n.dtype for n in nodes}
    if len(dtypes) > 1:
        raise DtypeError(
            f"{name} of {', '.join(n.name for n in nodes)}",
            got=f"the dtypes {', '.join(sorted(map(str, dtypes)))}",
            needs="one dtype",
            cause="Is a cast missing?",
        )
    called = ops()[name]
    if all(n.dtype is not None and is_float(n.dtype) for n in nodes):
        made: Node = apply(called, *nodes, kind=name, name=label, axis=axis)
        return made
    dims = inferred(partial(called.shape, axis=axis), [n.dims for n in nodes])[0]
    return Function(
        nodes[0].graph,
        name,
        lambda *arrays: f(arrays, axis=axis),
        nodes,
        dims=dims,
        dtype=nodes[0].dtype,
        name=label,
    )
