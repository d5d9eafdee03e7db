"""Dtypes by TensorFlow's names, and plain values as nodes under TensorFlow's rules for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from refnet.arrays import is_float
from refnet.errors import ShapeError
from refnet.graph import Constant, Node, constant, convert
from refnet.graph.sources import dtype_of

float16 = half = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
int8, int16 = np.dtype(np.int8), np.dtype(np.int16)
int32, int64 = np.dtype(np.int32), np.dtype(np.int64)
uint8, uint16 = np.dtype(np.uint8), np.dtype(np.uint16)
bool = np.dtype(np.bool_)

# Python's own numbers are of 32 bits to TensorFlow, and so are the names "float" and "int".
_NAMED = {"float": float32, "int": int32, float: float32, int: int32}


def as_dtype(type_value: Any) -> np.dtype[Any]:
    """Return a dtype by its name, or Python's or NumPy's type.

    Raises
    ------
    DtypeError
        If it is none of bools, integers or floats.

    Examples
    --------
    >>> as_dtype("float"), as_dtype(np.float64)
    (dtype('float32'), dtype('float64'))
    """
    known = isinstance(type_value, str | type) and type_value in _NAMED
    return _NAMED[type_value] if known else dtype_of("as_dtype", type_value)


def value(x: Any, dtype: Any = None) -> Node:
    """Return a node as it is, and anything else as a constant.

    Python's floats become float32 and its integers int32; NumPy's arrays keep their dtype.

    Raises
    ------
    DtypeError
        If a node is of another dtype than asked for, or a value is no number.

    Examples
    --------
    >>> value([1.0, 2.0]).dtype.name, value(np.ones(2)).dtype.name
    ('float32', 'float64')
    """
    if isinstance(x, Node) or _holds_nodes(x):
        return convert(x, None if dtype is None else as_dtype(dtype))
    if dtype is not None:
        return constant(x, as_dtype(dtype))
    return constant(x, default_dtype(x))


def default_dtype(x: Any) -> np.dtype[Any] | None:
    """Return the dtype that TensorFlow gives to a plain value; None for its own."""
    if isinstance(x, np.ndarray | np.generic):
        return None
    found = np.asarray(x).dtype
    return {float64: float32, int64: int32}.get(found)


def floats(x: Node) -> Any:
    """Whether a node's value is of a dtype of floats."""
    return x.dtype is not None and is_float(x.dtype)


def pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Return two operands, of which at least one is a node; the other takes its dtype."""
    if isinstance(x, Node) or isinstance(y, Node):
        return x, y
    first = value(x)
    return first, value(y, first.dtype)


def static(x: Any) -> Any:
    """Return a shape or a list of numbers as a tuple of integers, or a node if it holds any."""
    if isinstance(x, Node):
        return static(x.value) if isinstance(x, Constant) else x
    if _holds_nodes(x):
        return convert([n if isinstance(n, Node) else np.int32(n) for n in x], int32)
    if hasattr(x, "as_list"):
        x = x.as_list()
    if isinstance(x, Sequence) and None in x:
        raise ShapeError(
            "shape",
            got=f"the shape {tuple(x)}",
            needs="lengths that are known; one may be -1",
            cause="tf.shape(node) computes those that a placeholder leaves open.",
        )
    return tuple(np.atleast_1d(np.asarray(x, int)).tolist())


def _holds_nodes(x: Any) -> Any:
    return isinstance(x, Sequence) and any(
        isinstance(v, Node) or _holds_nodes(v) for v in x if not isinstance(v, str)
    )
