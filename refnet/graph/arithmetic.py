"""Operators: refnet's operations for floats, NumPy's functions for integers and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import DtypeError, RefnetError
from refnet.graph.applied import apply, renamed
from refnet.graph.function import Function, like
from refnet.graph.node import Node
from refnet.graph.shapes import inferred
from refnet.graph.sources import convert
from refnet.op import ops

# By their names in refnet: the kind of the node, as TensorFlow calls it, and NumPy's function.
_ARITHMETIC: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "add": ("add", np.add),
    "subtract": ("sub", np.subtract),
    "multiply": ("mul", np.multiply),
    "divide": ("truediv", np.true_divide),
    "power": ("pow", np.power),
    "matmul": ("MatMul", np.matmul),
    "maximum": ("Maximum", np.maximum),
    "minimum": ("Minimum", np.minimum),
    "floor_divide": ("floordiv", np.floor_divide),
    "mod": ("mod", np.mod),
}
_COMPARISONS: Mapping[str, Callable[..., Any]] = {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}


def binary(name: str, a: Any, b: Any, label: str | None = None) -> Node:
    """Return a binary operator applied to two values, at least one of which is a node.

    A plain value takes the dtype of the node beside it.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast, as far as they are known.
    DtypeError
        If two nodes are of different dtypes.
    """
    kind = _ARITHMETIC[name][0] if name in _ARITHMETIC else name.title().replace("_", "")
    if isinstance(a, Node) is not isinstance(b, Node):  # a constant is made, of the name to come
        graph = a.graph if isinstance(a, Node) else b.graph
        label = f"{graph.unique_name(label or kind)}/"
    x, y = paired(a, b, label or kind)
    assert x.dtype is not None
    called = ops().get(name)
    if name in _COMPARISONS:
        return _function(name, kind, _COMPARISONS[name], x, y, bool, label)
    f = _ARITHMETIC[name][1]
    if name == "mod" and is_float(x.dtype):  # has a derivative; the quotient has none
        with x.graph.name_scope(label or kind) as scope:
            return binary("subtract", x, binary("floor_divide", x, y) * y, scope)
    if is_float(x.dtype) and called is not None:
        return _node(apply(called, x, y, kind=kind, name=label))
    dtype = np.dtype(np.float64) if name == "divide" and not is_float(x.dtype) else x.dtype
    return _function(name, kind, f, x, y, dtype, label)


def unary(name: str, x: Any, label: str | None = None) -> Node:
    """Return the negative, the absolute value or the negation of a node."""
    node = convert(x)
    assert node.dtype is not None
    if name == "logical_not":
        return like(node, "LogicalNot", np.logical_not, label)
    if is_float(node.dtype):
        if name == "negative":  # exact
            return _node(apply(ops()["affine"], node, kind="Neg", name=label, slope=-1.0))
        return _node(apply(ops()["abs"], node, kind="Abs", name=label))
    return like(node, "Neg" if name == "negative" else "Abs", getattr(np, name), label)


def paired(a: Any, b: Any, kind: str) -> tuple[Node, Node]:
    """Return two values as nodes of one dtype, which is that of the one that is a node.

    A plain value is named after the operation: "add/y".
    """
    if isinstance(a, Node) and not isinstance(b, Node):
        with a.graph.as_default(), a.graph.name_scope(kind):
            return convert(a), convert(b, _fitting(a, b), "y")
    if isinstance(b, Node) and not isinstance(a, Node):
        with b.graph.as_default(), b.graph.name_scope(kind):
            return convert(a, _fitting(b, a), "x"), convert(b)
    x, y = convert(a), convert(b)
    if x.dtype != y.dtype:
        raise DtypeError(
            f"{x.name!r} and {y.name!r}",
            got=f"the dtypes {x.dtype} and {y.dtype}",
            needs="one dtype on both sides",
            cause="Is a cast missing?",
        )
    return x, y


def _fitting(node: Node, value: Any) -> Any:
    """Return the dtype of a node for a plain value, or refuse one that it cannot hold."""
    assert node.dtype is not None
    if node.dtype.kind in "iu" and np.asarray(value).dtype.kind == "f":
        raise DtypeError(
            node.name,
            got=f"{value!r} beside a node of dtype {node.dtype}",
            needs=f"integers, or a node of floats beside {value!r}",
            cause="Is a cast of the node missing?",
        )
    return node.dtype


def _function(
    name: str, kind: str, f: Callable[..., Any], x: Node, y: Node, dtype: Any, label: str | None
) -> Node:
    try:
        shape = ops()["matmul" if name == "matmul" else "add"].shape
        dims = inferred(shape, [x.dims, y.dims])[0]
    except RefnetError as error:
        raise renamed(error, f"{name} of {x.name!r} and {y.name!r}") from error

    def kept(*values: Array) -> Array:
        return np.asarray(f(*values))

    return Function(x.graph, kind, kept, [x, y], dims=dims, dtype=dtype, name=label)


def _node(made: Any) -> Node:
    found: Node = made
    return found
