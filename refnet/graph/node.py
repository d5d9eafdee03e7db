"""What a node is: a value to be computed, with the nodes that it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from refnet.arrays import is_float
from refnet.errors import ArgumentError, ShapeError
from refnet.graph.graph import Graph
from refnet.graph.shapes import Dims, TensorShape, merged, shown

if TYPE_CHECKING:
    from refnet.graph.session import Session


class Node:
    """A node of a graph; it has no value but in a session.

    ``+ - * / @ **``, unary ``-``, ``abs``, comparisons and slices make further nodes. Two nodes are
    equal only if they are the same one, so that nodes are keys of a ``feed_dict``.

    Attributes
    ----------
    graph : Graph
        The graph that it belongs to.
    number : int
        How many nodes of the graph were made before it.
    inputs : list of Node
        What it is computed from.
    controls : list of Node
        What is evaluated before it.
    dtype : numpy.dtype or None
        The dtype of its value; None for operations that have none.
    """

    # Before NumPy's arrays, so that `array + node` is a node.
    __array_ufunc__ = None

    def __init__(
        self,
        graph: Graph,
        kind: str,
        inputs: Sequence[Node] = (),
        *,
        dims: Dims,
        dtype: np.dtype[Any] | None,
        name: str | None = None,
    ) -> None:
        for node in inputs:
            graph.check(node, name or kind)
        self.graph = graph
        self.kind = kind
        self.inputs = list(inputs)
        self.controls = [c for c in graph.controls if c not in self.inputs]
        self.dims: Dims = dims
        self.dtype = dtype
        self.number = len(graph.nodes)
        self._name = graph.add(self, name or kind)

    def as_input(self) -> Node:
        """Return the node that another is to take as its input: itself, but for variables."""
        return self

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function from the values of the inputs to the value.

        With ``wide`` it computes in that dtype what else is in the node's own dtype of floats.
        """
        raise NotImplementedError(self.kind)

    def float_dtype(self, wide: np.dtype[Any] | None) -> np.dtype[Any]:
        """Return the dtype, or ``wide`` in the place of a dtype of floats."""
        assert self.dtype is not None
        return wide if wide is not None and is_float(self.dtype) else self.dtype

    @property
    def name(self) -> str:
        """The name: "MatMul:0" for a value, "Assign" for an operation that has none."""
        return self._name if self.dtype is None else f"{self._name}:0"

    @property
    def op(self) -> Operation:
        """What makes the value: its name has no ":0"."""
        return Operation(self)

    @property
    def shape(self) -> TensorShape:
        """The shape, as far as it is known."""
        return TensorShape(self.dims)

    def get_shape(self) -> TensorShape:
        """Return the shape, as far as it is known."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known of the shape; ShapeError if it contradicts what was known."""
        try:
            self.dims = merged(self.dims, TensorShape(shape).dims)
        except ValueError:
            raise ShapeError(
                f"set_shape of {self.name!r}",
                got=shown(TensorShape(shape).dims),
                needs=f"a shape that agrees with {shown(self.dims)}",
                cause="Is the node another one than was meant?",
            ) from None

    def eval(
        self, feed_dict: Mapping[Any, Any] | None = None, session: Session | None = None
    ) -> Any:
        """Return the value in a session, the default one if none is given."""
        from refnet.graph.session import session_of

        return session_of(session, self, "eval").run(self, feed_dict)

    def run(
        self, feed_dict: Mapping[Any, Any] | None = None, session: Session | None = None
    ) -> None:
        """Do in a session, the default one if none is given, what the node does."""
        self.eval(feed_dict, session)

    def __repr__(self) -> str:
        if self.dtype is None:
            return f"<{type(self).__name__} {self.name!r}>"
        shape = shown(self.dims)
        return f"<{type(self).__name__} {self.name!r} shape={shape} dtype={self.dtype}>"

    def __add__(self, other: Any) -> Node:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Node:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Node:
        return _binary("subtract", self, other)

    def __rsub__(self, other: Any) -> Node:
        return _binary("subtract", other, self)

    def __mul__(self, other: Any) -> Node:
        return _binary("multiply", self, other)

    def __rmul__(self, other: Any) -> Node:
        return _binary("multiply", other, self)

    def __truediv__(self, other: Any) -> Node:
        return _binary("divide", self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return _binary("divide", other, self)

    def __floordiv__(self, other: Any) -> Node:
        return _binary("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Node:
        return _binary("floor_divide", other, self)

    def __mod__(self, other: Any) -> Node:
        return _binary("mod", self, other)

    def __rmod__(self, other: Any) -> Node:
        return _binary("mod", other, self)

    def __pow__(self, other: Any) -> Node:
        return _binary("power", self, other)

    def __rpow__(self, other: Any) -> Node:
        return _binary("power", other, self)

    def __matmul__(self, other: Any) -> Node:
        return _binary("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Node:
        return _binary("matmul", other, self)

    def __neg__(self) -> Node:
        return _unary("negative", self)

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Node:
        return _unary("abs", self)

    def __invert__(self) -> Node:
        return _unary("logical_not", self)

    def __and__(self, other: Any) -> Node:
        return _binary("logical_and", self, other)

    def __or__(self, other: Any) -> Node:
        return _binary("logical_or", self, other)

    def __lt__(self, other: Any) -> Node:
        return _binary("less", self, other)

    def __le__(self, other: Any) -> Node:
        return _binary("less_equal", self, other)

    def __gt__(self, other: Any) -> Node:
        return _binary("greater", self, other)

    def __ge__(self, other: Any) -> Node:
        return _binary("greater_equal", self, other)

    def __getitem__(self, key: Any) -> Node:
        from refnet.graph.slicing import sliced

        return sliced(self, key)

    def __bool__(self) -> NoReturn:
        raise self._no_value("a bool", "Python's `if`, `and`, `or` and `not` cannot ask a node.")

    def __iter__(self) -> NoReturn:
        raise self._no_value("something to iterate over", "unstack makes a list of nodes.")

    def __len__(self) -> NoReturn:
        raise self._no_value("a length", "`node.shape[0]` is what is known of it.")

    def __float__(self) -> NoReturn:
        raise self._no_value("a number", "Is `.eval()` or `session.run` missing?")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise self._no_value("an array", "Is `.eval()` or `session.run` missing?")

    def _no_value(self, wanted: str, cause: str) -> ArgumentError:
        return ArgumentError(
            self.name,
            got=f"a use as {wanted}",
            needs="a value, which nodes have in sessions alone",
            cause=cause,
        )


class Operation:
    """A node without the number of its result, as TensorFlow's programs ask for it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.name = node.name.partition(":")[0]
        self.type = node.kind
        self.graph = node.graph

    @property
    def inputs(self) -> list[Node]:
        """What the value is computed from."""
        return list(self.node.inputs)

    @property
    def outputs(self) -> list[Node]:
        """The value, in a list; none where there is none."""
        return [] if self.node.dtype is None else [self.node]

    def run(self, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> None:
        """Do in a session, the default one if none is given, what the node does."""
        self.node.run(feed_dict, session)

    def __repr__(self) -> str:
        return f"<Operation {self.name!r} type={self.type}>"


def _binary(name: str, a: Any, b: Any) -> Node:
    from refnet.graph import arithmetic

    return arithmetic.binary(name, a, b)


def _unary(name: str, a: Node) -> Node:
    from refnet.graph import arithmetic

    return arithmetic.unary(name, a)
