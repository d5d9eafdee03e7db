"""Arithmetic and comparisons, element by element, and products of matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.errors import DomainError, DtypeError, OptionError, RefnetError
from refnet.graph import Function, Node, apply, binary, transpose, unary
from refnet.graph import cast as graph_cast
from refnet.graph.applied import renamed
from refnet.graph.arithmetic import paired
from refnet.graph.function import like
from refnet.graph.rows import by_shares, rows_of
from refnet.graph.shapes import inferred
from refnet.op import ops
from refnet.tf1.values import as_dtype, float32, float64, floats, int32, int64, pair, value


def _binary(name: str, kind: str | None = None) -> Callable[..., Node]:
    """Return an operator as a function; TensorFlow names it by a capital then, as "Add"."""

    def f(x: Any, y: Any, name: str | None = None) -> Node:
        return binary(called, *pair(x, y), name or kind)

    called = name
    return f


def _elementwise(name: str, kind: str) -> Callable[..., Node]:
    def f(x: Any, name: str | None = None) -> Node:
        made: Node = apply(ops()[called], value(x), kind=kind, name=name)
        return made

    called = name
    return f


def _rounded(kind: str, function: Callable[..., Any]) -> Callable[..., Node]:
    def f(x: Any, name: str | None = None) -> Node:
        return like(value(x), kind, function, name)

    return f


def _asked(kind: str, function: Callable[..., Any]) -> Callable[..., Node]:
    def f(x: Any, name: str | None = None) -> Node:
        node = value(x)
        return Function(node.graph, kind, function, [node], dims=node.dims, dtype=bool, name=name)

    return f


add, subtract = _binary("add", "Add"), _binary("subtract", "Sub")
multiply = _binary("multiply", "Mul")
divide = truediv = _binary("divide")
pow, maximum, minimum = _binary("power", "Pow"), _binary("maximum"), _binary("minimum")
floordiv = floor_div = _binary("floor_divide")
mod = floormod = _binary("mod")
equal, not_equal = _binary("equal"), _binary("not_equal")
less, less_equal = _binary("less"), _binary("less_equal")
greater, greater_equal = _binary("greater"), _binary("greater_equal")
logical_and, logical_or = _binary("logical_and"), _binary("logical_or")
logical_xor = _binary("logical_xor")
exp, log = _elementwise("exp", "Exp"), _elementwise("log", "Log")
sin, cos = _elementwise("sin", "Sin"), _elementwise("cos", "Cos")
tanh, sigmoid = _elementwise("tanh", "Tanh"), _elementwise("sigmoid", "Sigmoid")
sqrt = _elementwise("sqrt", "Sqrt")
is_nan, is_inf = _asked("IsNan", np.isnan), _asked("IsInf", np.isinf)
is_finite = _asked("IsFinite", np.isfinite)
floor, ceil = _rounded("Floor", np.floor), _rounded("Ceil", np.ceil)
round = rint = _rounded("Round", np.round)
sign = _rounded("Sign", np.sign)


def div(x: Any, y: Any, name: str | None = None) -> Node:
    """Return x / y, for integers rounded down, as Python 2 had it."""
    x, y = pair(x, y)
    node = x if isinstance(x, Node) else y
    return binary("divide" if floats(node) else "floor_divide", x, y, name)


def realdiv(x: Any, y: Any, name: str | None = None) -> Node:
    """Return x / y of floats; DtypeError for integers, which TensorFlow does not take, either."""
    x, y = pair(x, y)
    node = x if isinstance(x, Node) else y
    if not floats(node):
        raise DtypeError(
            "realdiv",
            got=f"{node.name!r} of dtype {node.dtype}",
            needs="floats",
            cause="divide makes floats of integers, floordiv and truncatediv keep them.",
        )
    return binary("divide", x, y, name or "RealDiv")


def truncatediv(x: Any, y: Any, name: str | None = None) -> Node:
    """Return x / y rounded towards 0, as C has it, in the dtype of both; it has no derivative.

    Raises
    ------
    DomainError
        In a run, if an integer is divided by 0.
    DtypeError, ShapeError
        If dtypes differ, or shapes do not broadcast.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run([tf.truncatediv(-7, 2), tf.floordiv(-7, 2)])
    [np.int32(-3), np.int32(-4)]
    """
    try:
        a, b = paired(*pair(x, y), "TruncateDiv")
        dims = inferred(ops()["add"].shape, [a.dims, b.dims])[0]
    except RefnetError as error:
        raise renamed(error, "truncatediv") from error
    if floats(a):
        return like(binary("divide", a, b), "TruncateDiv", np.trunc, name)

    def divided(x: Any, y: Any) -> Any:
        if not np.all(y):
            raise DomainError("truncatediv", got="0 in y", needs="others", cause="Is it a count?")
        down = x // y
        return np.asarray(down + ((x % y != 0) & ((x < 0) != (y < 0))), x.dtype)

    return Function(a.graph, "TruncateDiv", divided, [a, b], dims=dims, dtype=a.dtype, name=name)


def log_sigmoid(x: Any, name: str | None = None) -> Node:
    """Return log(sigmoid(x)), which is -softplus(-x)."""
    return unary("negative", apply(ops()["softplus"], negative(x), kind="Softplus"), name)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Node:
    """Return scalar x."""
    return binary("multiply", *pair(scalar, x), name)


def negative(x: Any, name: str | None = None) -> Node:
    """Return -x."""
    return unary("negative", value(x), name)


def abs(x: Any, name: str | None = None) -> Node:
    """Return |x|, with derivative 0 at 0."""
    return unary("abs", value(x), name)


def logical_not(x: Any, name: str | None = None) -> Node:
    """Return not x, for bools."""
    return unary("logical_not", value(x), name)


def square(x: Any, name: str | None = None) -> Node:
    """Return x x."""
    node = value(x)
    if not floats(node):
        return binary("multiply", node, node, name)
    made: Node = apply(ops()["square"], node, kind="Square", name=name)
    return made


def rsqrt(x: Any, name: str | None = None) -> Node:
    """Return 1 / sqrt(x)."""
    node = value(x)
    with node.graph.name_scope(name or "Rsqrt") as scope:
        return binary("divide", value(1.0, node.dtype), sqrt(node), scope)


def reciprocal(x: Any, name: str | None = None) -> Node:
    """Return 1 / x."""
    return binary("divide", 1.0, value(x), name or "Reciprocal")


def squared_difference(x: Any, y: Any, name: str | None = None) -> Node:
    """Return (x - y)^2."""
    return square(subtract(x, y), name)


def add_n(inputs: Sequence[Any], name: str | None = None) -> Node:
    """Return the sum of nodes of one shape."""
    nodes = [value(x) for x in inputs]
    if not nodes:
        raise OptionError("add_n", got="nothing", needs="one node at least", cause="Is it empty?")
    total = nodes[0]
    for i, node in enumerate(nodes[1:], 2):
        total = binary("add", total, node, name if i == len(nodes) else None)
    return total


def accumulate_n(
    inputs: Sequence[Any], shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Node:
    """Return the sum of nodes of one shape."""
    return add_n(inputs, name)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Node:
    """Return the product of matrices (..., M, K) and (..., K, N), either transposed first."""
    a, b = pair(a, b)
    if transpose_a or adjoint_a:
        a = _turned(value(a))
    if transpose_b or adjoint_b:
        b = _turned(value(b))
    return binary("matmul", a, b, name)


def cast(x: Any, dtype: Any, name: str | None = None) -> Node:
    """Return x in another dtype."""
    return graph_cast(value(x), as_dtype(dtype), name)


def to_float(x: Any, name: str | None = "ToFloat") -> Node:
    """Return x as float32."""
    return cast(x, float32, name)


def to_double(x: Any, name: str | None = "ToDouble") -> Node:
    """Return x as float64."""
    return cast(x, float64, name)


def to_int32(x: Any, name: str | None = "ToInt32") -> Node:
    """Return x as int32."""
    return cast(x, int32, name)


def to_int64(x: Any, name: str | None = "ToInt64") -> Node:
    """Return x as int64."""
    return cast(x, int64, name)


def clip_by_value(
    t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None
) -> Node:
    """Return t between two limits, which may be nodes.

    Of the gradient of a matrix of which an embedding_lookup takes rows each share of a row is, as
    TensorFlow has it, before those of one row are added up.
    """
    node = value(t)
    if rows_of(node):
        return by_shares(node, lambda v: clip_by_value(v, clip_value_min, clip_value_max, name))
    plain = not isinstance(clip_value_min, Node) and not isinstance(clip_value_max, Node)
    limits = [np.asarray(v) for v in (clip_value_min, clip_value_max)] if plain else []
    if plain and all(v.ndim == 0 for v in limits) and floats(node):
        made: Node = apply(
            ops()["clip"],
            node,
            kind="clip_by_value",
            name=name,
            low=float(limits[0]),
            high=float(limits[1]),
        )
        return made
    return maximum(minimum(node, clip_value_max), clip_value_min, name)


def _turned(x: Node) -> Node:
    """Return x with its last two axes exchanged."""
    rank = 2 if x.dims is None else len(x.dims)
    return transpose(x, (*range(rank - 2), rank - 1, rank - 2))
