"""Placeholders and constants, and how a plain value becomes a node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.checks import float_dtype
from refnet.errors import DtypeError, FeedError, ShapeError
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.node import Node
from refnet.graph.shapes import Dims, TensorShape, compatible, shown

KINDS = "biuf"  # of dtypes: bool, integers, floats


class Placeholder(Node):
    """A value that is fed."""

    def __init__(self, graph: Graph, dims: Dims, dtype: np.dtype[Any], name: str | None) -> None:
        super().__init__(graph, "Placeholder", dims=dims, dtype=dtype, name=name)


class Constant(Node):
    """A value that is known when the graph is made."""

    def __init__(self, graph: Graph, value: Array, name: str | None = None) -> None:
        self.value = value
        super().__init__(graph, "Const", dims=value.shape, dtype=value.dtype, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function that gives the value."""
        value = self.value.astype(self.float_dtype(wide))
        return lambda: value


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Placeholder:
    """Return a node whose value is fed; lengths of None, and a shape of None, take any.

    Raises
    ------
    DtypeError
        If the dtype is none of bools, integers or floats.
    ShapeError
        If a length is neither None nor an integer of at least 0.

    Examples
    --------
    >>> placeholder(np.float32, [None, 784], name="images")
    <Placeholder 'images:0' shape=(?, 784) dtype=float32>
    """
    called = f"placeholder {name!r}" if name else "placeholder"
    return Placeholder(get_default_graph(), dims_of(called, shape), dtype_of(called, dtype), name)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Constant:
    """Return a node of a value that is known; with ``shape`` a single number fills it.

    Raises
    ------
    DtypeError
        If the value is no bool, integer or float, or an array of them.
    ShapeError
        If it neither has the shape nor is a single number.

    Examples
    --------
    >>> constant([1.0, 2.0], np.float32, name="weights")
    <Constant 'weights:0' shape=(2,) dtype=float32>
    """
    called = f"constant {name!r}" if name else "constant"
    array = array_of(called, value, None if dtype is None else dtype_of(called, dtype))
    if shape is not None:
        dims = dims_of(called, shape)
        if dims is None or None in dims:
            raise ShapeError(
                called,
                got=f"the shape {shown(dims)}",
                needs="a shape of which every length is known",
                cause="Only placeholders leave lengths open.",
            )
        known = tuple(n for n in dims if n is not None)
        if array.shape != known and array.size != 1:
            raise ShapeError(
                called,
                got=f"a value of shape {array.shape} for the shape {known}",
                needs="a value of that shape, or a single number",
                cause="Is an axis missing?",
            )
        if array.shape != known:
            array = np.full(known, array.reshape(()), array.dtype)
    return Constant(get_default_graph(), array, name)


def convert(value: Any, dtype: Any = None, name: str | None = None) -> Node:
    """Return a node as it is, and anything else as a constant.

    A list that nodes are among is stacked; plain numbers in it take the dtype of the first node.

    Raises
    ------
    DtypeError
        If the value, or the node, has another dtype.
    """
    if isinstance(value, Node):
        if value.dtype is None:
            raise DtypeError(
                value.name,
                got=f"{value!r} as a value",
                needs="a node that has one",
                cause="Is it an operation, such as a training step?",
            )
        if dtype is not None and value.dtype != dtype:
            raise DtypeError(
                value.name,
                got=f"a node of dtype {value.dtype}",
                needs=f"the dtype {np.dtype(dtype)}",
                cause="Is a cast missing?",
            )
        return value.as_input()
    if isinstance(value, list | tuple) and any(isinstance(v, Node) for v in _flat(value)):
        from refnet.graph.joining import stack

        if dtype is None:
            dtype = next(v.dtype for v in _flat(value) if isinstance(v, Node))
        return stack([convert(v, dtype) for v in value])
    return constant(value, dtype, name=name)


def _flat(value: Any) -> Any:
    for v in value:
        if isinstance(v, list | tuple):
            yield from _flat(v)
        else:
            yield v


def fed(node: Node, value: Any) -> Array:
    """Return what a node is fed, as an array of its dtype.

    Raises
    ------
    FeedError
        If the value has another shape, or is nothing that its dtype can hold.
    """
    assert node.dtype is not None
    try:
        array = np.asarray(value)
        if array.dtype != node.dtype:
            array = _cast(array, node.dtype)
    except (TypeError, ValueError) as error:
        raise FeedError(
            f"feed of {node.name!r}",
            got=f"{type(value).__name__}, which is no array of {node.dtype} ({error})",
            needs=f"numbers of the dtype {node.dtype}",
            cause="Are the rows of different lengths, or is the dtype of the placeholder another?",
        ) from error
    if not compatible(node.dims, array.shape):
        raise FeedError(
            f"feed of {node.name!r}",
            got=f"an array of shape {array.shape}",
            needs=f"the shape {shown(node.dims)}",
            cause="Is it another placeholder's value, or is an axis missing or transposed?",
        )
    return array


def _cast(given: Array, dtype: np.dtype[Any]) -> Array:
    """Return what is fed in the node's dtype; TypeError where that would lose a fraction."""
    if given.dtype.kind == "O":  # numbers as Python's objects, or NumPy says what else it is
        given = np.asarray(given.tolist())
        if given.dtype.kind in "iu" and dtype.kind in "iu":
            info = np.iinfo(dtype)
            if given.size and not info.min <= int(given.min()) <= int(given.max()) <= info.max:
                raise TypeError(f"numbers beyond {info.min} and {info.max}")
    if given.dtype.kind not in KINDS and not is_float(given.dtype):
        raise TypeError(f"an array of dtype {given.dtype}")
    with np.errstate(invalid="ignore"):  # which the comparison finds
        array = np.asarray(given, dtype)
    lossy = is_float(given.dtype) and dtype.kind in "iub"
    if lossy and not np.array_equal(array, given):
        raise TypeError(f"fractions, in an array of dtype {given.dtype}")
    return array


def array_of(op: str, value: Any, dtype: np.dtype[Any] | None) -> Array:
    """Return a value as an array of its own memory, of ``dtype`` where one is given."""
    try:
        array = np.array(value, dtype)
    except (TypeError, ValueError) as error:
        raise DtypeError(
            op,
            got=f"{type(value).__name__}, which is no array ({error})",
            needs="numbers in an array",
            cause="Are the rows of different lengths?",
        ) from error
    if array.dtype.kind not in KINDS and not is_float(array.dtype):
        raise DtypeError(
            op,
            got=f"a value of dtype {array.dtype}",
            needs="bools, integers or floats",
            cause="Are the rows of different lengths, or is it text?",
        )
    array.flags.writeable = False
    return array


def dtype_of(op: str, dtype: Any) -> np.dtype[Any]:
    """Return a dtype of bools, integers or floats."""
    found: np.dtype[Any] | None
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found is not None and found.kind in "biu":
        return found
    floats: np.dtype[Any] = float_dtype(op, dtype)
    return floats


def dims_of(op: str, shape: Any) -> Dims:
    """Return what a caller says of a shape."""
    if shape is None:
        return None
    if isinstance(shape, TensorShape):
        return shape.dims
    if isinstance(shape, int | np.integer):
        shape = [shape]
    if not isinstance(shape, Sequence | np.ndarray):
        raise ShapeError(
            op,
            got=f"the shape {shape!r}",
            needs="lengths in a list, None for any",
            cause="Were the arguments swapped? The dtype comes first.",
        )
    found: list[int | None] = []
    for n in shape:
        if n is None or (isinstance(n, int | np.integer) and n == -1):
            found.append(None)
        elif isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 0:
            found.append(int(n))
        else:
            raise ShapeError(
                op,
                got=f"the length {n!r} in the shape {shape!r}",
                needs="integers of at least 0, or None",
                cause="Is a division `/` where `//` is meant?",
            )
    return tuple(found)


def known_lengths(lengths: Node) -> Dims:
    """Return what is known of a shape that is computed: constants, and lengths of a node's shape.

    Examples
    --------
    >>> from refnet.graph import Graph, stack
    >>> with Graph().as_default():
    ...     known_lengths(stack([placeholder(np.int32, []), constant(5, np.int32)]))
    (None, 5)
    """
    if lengths.dims is None or len(lengths.dims) != 1:
        return None
    if isinstance(lengths, Constant):
        return tuple([int(n) if n >= 0 else None for n in lengths.value])
    if lengths.kind == "Shape":  # of one node
        return lengths.inputs[0].dims
    if lengths.kind == "stack":
        values = [int(n.value) if isinstance(n, Constant) else -1 for n in lengths.inputs]
        return tuple([n if n >= 0 else None for n in values])
    if lengths.kind == "concat":
        parts = [known_lengths(n) for n in lengths.inputs]
        return None if None in parts else tuple([n for part in parts for n in part or ()])
    (n,) = lengths.dims
    return None if n is None else (None,) * n
