"""A choice between two values that are computed in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refnet.errors import DtypeError, OptionError
from refnet.graph import Apply, Node, Operation
from refnet.tf1.arithmetic import logical_not
from refnet.tf1.arrays import identity, where
from refnet.tf1.values import value


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """Return the value of ``true_fn()`` where pred holds, else that of ``false_fn()``.

    Both values are computed in every run, and one is taken: what is not taken has no part in value
    or gradient, unless it is not finite. Assignments that a function makes are done where its value
    is taken. The value of an operation is that of pred, which is there after it.

    Raises
    ------
    OptionError
        If a function is missing, returns nothing or makes a training step, or they return different
        structures.
    DtypeError
        If their values are of different dtypes.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     n, test = tf.Variable(0), tf.placeholder(tf.bool, [])
    ...     counted = tf.cond(test, lambda: tf.group(n.assign_add(1)), lambda: tf.no_op())
    ...     session.run(tf.global_variables_initializer())
    ...     for t in (True, False):
    ...         print(session.run(counted, {test: t}), session.run(n))
    True 1
    False 1
    """
    test, then, otherwise = value(pred), true_fn or fn1, false_fn or fn2
    if then is None or otherwise is None:
        raise OptionError("cond", got="one function", needs="two", cause="Is false_fn missing?")
    graph = test.graph
    before = len(graph.nodes)
    with graph.guarded(test):
        a = then()
    with graph.guarded(logical_not(test)):
        b = otherwise()
    steps = [n for n in graph.nodes[before:] if isinstance(n, Apply)]
    if steps:
        raise OptionError(
            "cond",
            got=f"the training step {steps[0].name!r} in one of its functions",
            needs="functions that compute or assign: both are evaluated in every run",
            cause="Python's `if` around session.run chooses between training steps.",
        )
    return _chosen(test, a, b, name)


def _chosen(test: Node, a: Any, b: Any, name: str | None) -> Any:
    several = isinstance(a, list | tuple)
    if several != isinstance(b, list | tuple) or (several and len(a) != len(b)):
        raise OptionError(
            "cond",
            got=f"results {a!r} and {b!r}",
            needs="two of one structure",
            cause="Does one function return more than the other?",
        )
    if not several:
        x, y = _result(test, a), _result(test, b)
        if x.dtype != y.dtype:
            raise DtypeError(
                "cond",
                got=f"results of dtypes {x.dtype} and {y.dtype}",
                needs="two of one dtype",
                cause="An operation without a value counts as a bool. Is a cast missing?",
            )
        return where(test, identity(x), identity(y), name)
    parts = [_chosen(test, x, y, None) for x, y in zip(a, b, strict=True)]
    return type(a)(*parts) if hasattr(a, "_fields") else type(a)(parts)


def _result(test: Node, x: Any) -> Node:
    """Return what a function returned as a node of a value; of an operation it is that of pred."""
    if x is None:
        raise OptionError(
            "cond",
            got="a function that returns nothing",
            needs="functions that return nodes or operations",
            cause="Is a `return` missing?",
        )
    node = x.node if isinstance(x, Operation) else x
    if x is node and (not isinstance(x, Node) or x.dtype is not None):
        return value(x)
    with test.graph.control_dependencies([node]):
        return identity(test)
