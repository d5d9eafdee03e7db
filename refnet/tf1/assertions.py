"""Conditions that a run is to meet: operations that raise where one does not hold.

They are looked at where they are fetched, or something waits for them by control_dependencies; in
a function of ``cond`` only where it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, ShapeError
from refnet.graph import Function, Node, group
from refnet.tf1.values import pair, value


def Assert(  # noqa: N802
    condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> Node:
    """Return the operation that raises unless a condition, a single bool, holds.

    Raises
    ------
    DomainError
        In a run, with the values of ``data``.
    ShapeError
        If the condition has axes.

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
    texts = [v if isinstance(v, str) else value(v) for v in data]
    nodes = [v for v in texts if isinstance(v, Node)]

    test = value(condition)
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


def _compared(kind: str, f: Callable[..., Any], sign: str) -> Callable[..., Node]:
    def compare(
        x: Any,
        y: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Node:
        a, b = (value(v) for v in pair(x, y))

        def held(a: Array, b: Array) -> Array:
            return _held(
                kind, f(a, b), f"x = {a.tolist()}, y = {b.tolist()}", f"x {sign} y", message
            )

        return _checked(kind, held, [a, b], name)

    compare.__doc__ = f"Return the operation that raises DomainError unless x {sign} y, all of it."
    compare.__name__ = compare.__qualname__ = kind
    return compare


def _signed(kind: str, f: Callable[..., Any], sign: str) -> Callable[..., Node]:
    def look(
        x: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Node:
        def held(a: Array) -> Array:
            return _held(kind, f(a, 0), f"x = {a.tolist()}", f"x {sign} 0", message)

        return _checked(kind, held, [value(x)], name)

    look.__doc__ = f"Return the operation that raises DomainError unless x {sign} 0, all of it."
    look.__name__ = look.__qualname__ = kind
    return look


assert_equal = _compared("assert_equal", np.equal, "==")
assert_less = _compared("assert_less", np.less, "<")
assert_less_equal = _compared("assert_less_equal", np.less_equal, "<=")
assert_greater = _compared("assert_greater", np.greater, ">")
assert_greater_equal = _compared("assert_greater_equal", np.greater_equal, ">=")
assert_positive = _signed("assert_positive", np.greater, ">")
assert_negative = _signed("assert_negative", np.less, "<")
assert_non_negative = _signed("assert_non_negative", np.greater_equal, ">=")
assert_non_positive = _signed("assert_non_positive", np.less_equal, "<=")


def _held(kind: str, test: Any, got: str, needs: str, message: str | None) -> Array:
    if not np.all(test):
        raise DomainError(kind, got=got, needs=needs, cause=message or "Is the data right?")
    return np.array(True)


def _checked(kind: str, held: Callable[..., Array], inputs: list[Node], name: str | None) -> Node:
    graph, n = inputs[0].graph, len(inputs)

    def looked_at(*values: Array) -> Array:
        return held(*values[:n]) if all(values[n:]) else np.array(True)

    with graph.name_scope(name or kind) as scope:
        test = Function(graph, "Assert", looked_at, [*inputs, *graph.guards], dims=(), dtype=bool)
        return group(test, name=scope)
