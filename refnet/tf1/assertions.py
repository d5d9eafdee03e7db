"""Conditions that a run is to meet: operations that raise where one does not hold.

An error shows the values whole: ``summarize``, and the ``data`` of comparisons, are taken and have
no effect.

They are looked at where they are fetched, or something waits for them by control_dependencies; in
a function of ``cond`` only where it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, DtypeError, ShapeError
from refnet.graph import Function, Node, group
from refnet.graph.shapes import inferred
from refnet.op import ops
from refnet.tf1.values import _holds_nodes, floats, value


def Assert(  # noqa: N802
    condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> Node:
    """Return the operation that raises unless a condition, a single bool, holds.

    Raises
    ------
    DomainError
        In a run, with the values of ``data``.
    DtypeError
        If the condition is no bool.
    ShapeError
        If it has axes.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [])
    ...     with tf.control_dependencies([tf.Assert(x > 0, [x])]):
    ...         y = tf.log(x)
    ...     session.run(y, {x: -1.0})
    Traceback (most recent call last):
    refnet.errors.DomainError: Assert, node 'Assert/Assert:0': got [-1.0]; needs a condition that
        holds. Is the data right?
    """
    texts = [v if isinstance(v, str | bytes) else value(v) for v in data]
    nodes = [v for v in texts if isinstance(v, Node)]

    test = value(condition)
    if test.dtype != bool:
        raise DtypeError(
            "Assert",
            got=f"the condition {test.name!r} of dtype {test.dtype}",
            needs="a bool",
            cause="Is a comparison missing?",
        )
    if test.dims:
        raise ShapeError(
            "Assert",
            got=f"the condition {test.name!r} of shape {test.shape}",
            needs="a single bool",
            cause="Is reduce_all missing?",
        )

    def held(test: Array, *values: Array) -> Array:
        if not test.all():
            found = iter(values)
            shown = [next(found).tolist() if isinstance(v, Node) else v for v in texts]
            raise DomainError(
                "Assert", got=f"{shown}", needs="a condition that holds", cause="Is the data right?"
            )
        return np.array(True)

    return _checked("Assert", held, [test, *nodes], name)


def _compared(
    kind: str, f: Callable[..., Any], sign: str, second: str = "y"
) -> Callable[..., Node]:
    """Return a comparison with y, or with ``second``, which is then a number for y, in words."""

    def compare(
        x: Any,
        y: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Node:
        a, b = _alike(kind, x, y)

        def held(a: Array, b: Array) -> Array:
            try:
                found = f(a, b)
            except ValueError:
                raise _apart(kind, a.shape, b.shape) from None
            if not np.all(found):
                raise DomainError(
                    kind,
                    got=f"x = {a.tolist()}" + f", y = {b.tolist()}" * (second == "y"),
                    needs=f"x {sign} {second}",
                    cause=message or "Is the data right?",
                )
            return np.array(True)

        return _checked(kind, held, [a, b], name)

    return _called(kind, compare, f"x {sign} {second}")


def _signed(kind: str, f: Callable[..., Any], sign: str) -> Callable[..., Node]:
    compare = _compared(kind, f, sign, "0")

    def look(
        x: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Node:
        return compare(x, 0, data, summarize, message, name)

    return _called(kind, look, f"x {sign} 0")


def _called(kind: str, function: Callable[..., Node], test: str) -> Callable[..., Node]:
    function.__doc__ = f"Return the operation that raises DomainError unless {test}, all of it."
    function.__name__ = function.__qualname__ = kind
    return function


assert_equal = _compared("assert_equal", np.equal, "==")
assert_less = _compared("assert_less", np.less, "<")
assert_less_equal = _compared("assert_less_equal", np.less_equal, "<=")
assert_greater = _compared("assert_greater", np.greater, ">")
assert_greater_equal = _compared("assert_greater_equal", np.greater_equal, ">=")
assert_positive = _signed("assert_positive", np.greater, ">")
assert_negative = _signed("assert_negative", np.less, "<")
assert_non_negative = _signed("assert_non_negative", np.greater_equal, ">=")
assert_non_positive = _signed("assert_non_positive", np.less_equal, "<=")


def _alike(kind: str, x: Any, y: Any) -> tuple[Node, Node]:
    """Return what is compared as nodes of one dtype: a plain value takes that of the node."""
    if isinstance(y, Node) and not isinstance(x, Node):
        b = value(y)
        a = _beside(b, x)
    else:
        a = value(x)
        b = _beside(a, y)
    if a.dtype != b.dtype:
        raise DtypeError(
            kind,
            got=f"x of dtype {a.dtype} and y of dtype {b.dtype}",
            needs="one dtype",
            cause="Is a cast missing?",
        )
    try:
        inferred(ops()["add"].shape, [a.dims, b.dims])
    except ShapeError:
        raise _apart(kind, a.shape, b.shape) from None
    return a, b


def _beside(node: Node, x: Any) -> Node:
    """Return a value as a node, a plain one in the dtype of another node if that is of its kind."""
    if isinstance(x, Node) or _holds_nodes(x):
        return value(x)
    if np.asarray(x).dtype.kind == "f" and not floats(node):
        return value(x)
    return value(x, node.dtype)


def _apart(kind: str, x: Any, y: Any) -> ShapeError:
    return ShapeError(
        kind,
        got=f"x of shape {x} and y of shape {y}",
        needs="shapes that broadcast",
        cause="Is an axis missing?",
    )


def _checked(kind: str, held: Callable[..., Array], inputs: list[Node], name: str | None) -> Node:
    graph, n = inputs[0].graph, len(inputs)

    def looked_at(*values: Array) -> Array:
        return held(*values[:n]) if all(values[n:]) else np.array(True)

    with graph.name_scope(name or kind) as scope:
        test = Function(graph, "Assert", looked_at, [*inputs, *graph.guards], dims=(), dtype=bool)
        return group(test, name=scope)
