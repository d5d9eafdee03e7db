"""A choice between two values that are computed in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refnet.errors import OptionError
from refnet.graph import Apply, Node
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
    is taken.

    Raises
    ------
    OptionError
        If a function is missing, makes a training step, or they return different structures.
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
        x, y = value(a), value(b)
        return where(test, identity(x), identity(y), name)
    parts = [_chosen(test, x, y, None) for x, y in zip(a, b, strict=True)]
    return type(a)(*parts) if hasattr(a, "_fields") else type(a)(parts)
