"""What is no operation of refnet: comparisons, indices, casts and the like, from NumPy.

They have no rounding to speak of, and no derivative but where one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.graph.graph import Graph
from refnet.graph.node import Node
from refnet.graph.shapes import Dims
from refnet.graph.sources import convert, dtype_of


class Function(Node):
    """A function of NumPy's, applied to nodes.

    ``f(*values)`` is the value, or ``f(*values, dtype=...)`` if it is ``typed``. ``pullback(dy)``
    gives the nodes of the inputs' cotangents; without it there is no derivative.
    """

    def __init__(
        self,
        graph: Graph,
        kind: str,
        f: Callable[..., Any],
        inputs: Sequence[Node],
        *,
        dims: Dims,
        dtype: Any,
        typed: bool = False,
        pullback: Callable[[Node], Sequence[Node | None]] | None = None,
        name: str | None = None,
    ) -> None:
        self.f = f
        self.typed = typed
        self.pullback = pullback
        super().__init__(graph, kind, inputs, dims=dims, dtype=np.dtype(dtype), name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function."""
        f = self.f
        if not self.typed:
            return f
        dtype = self.float_dtype(wide)
        return lambda *values: f(*values, dtype=dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Node:
    """Return x in another dtype; its cotangent is cast back, where both are floats.

    Raises
    ------
    DtypeError
        If the dtype is none of bools, integers or floats.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(cast(constant([True, False]), np.float32))
    array([1., 0.], dtype=float32)
    """
    node = convert(x)
    target = dtype_of(f"cast of {node.name!r}", dtype)
    if node.dtype == target:
        return node
    assert node.dtype is not None
    source = node.dtype
    both = source.kind == target.kind == "f"
    return Function(
        node.graph,
        "Cast",
        lambda value, dtype: value.astype(dtype),
        [node],
        dims=node.dims,
        dtype=target,
        typed=True,
        pullback=(lambda dy: [cast(dy, source)]) if both else None,
        name=name,
    )


def stop_gradient(x: Any, name: str | None = None) -> Node:
    """Return x, through which no gradient flows.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(stop_gradient(constant(2.0)))
    np.float64(2.0)
    """
    node = convert(x)
    return like(node, "StopGradient", _itself, name)


def ones_like(x: Any, name: str | None = None) -> Node:
    """Return ones of the shape and dtype of x.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(ones_like(constant([2.0, 3.0])))
    array([1., 1.])
    """
    return like(x, "ones_like", np.ones_like, name)


def zeros_like(x: Any, name: str | None = None) -> Node:
    """Return zeros of the shape and dtype of x.

    Examples
    --------
    >>> from refnet.graph import Session, constant
    >>> Session().run(zeros_like(constant([2, 3])))
    array([0, 0])
    """
    return like(x, "zeros_like", np.zeros_like, name)


def like(x: Any, kind: str, f: Callable[..., Array], name: str | None) -> Node:
    """Return a function that keeps shape and dtype, without a derivative."""
    node = convert(x)
    return Function(node.graph, kind, f, [node], dims=node.dims, dtype=node.dtype, name=name)


def _itself(value: Array) -> Array:
    return value
