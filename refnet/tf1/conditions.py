"""A choice between two values that are computed in the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from refnet.arrays import Array
from refnet.errors import DtypeError, OptionError, ShapeError
from refnet.graph import Apply, Function, Node, Operation
from refnet.graph.function import zeros_like
from refnet.graph.shapes import Dims, shown
from refnet.tf1.arithmetic import add_n, cast, logical_not
from refnet.tf1.arrays import identity
from refnet.tf1.assertions import Assert
from refnet.tf1.values import floats, int32, value


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
    is taken. The value of an operation is that of pred, which is there after it. What the functions
    make is under the name "cond", as in TensorFlow.

    Raises
    ------
    OptionError
        If a function is missing, returns nothing or makes a training step, or they return different
        structures.
    DtypeError
        If their values are of different dtypes.
    ShapeError
        If pred is not a single condition.

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
    if test.dims not in ((), None):
        raise ShapeError(
            "cond",
            got=f"a condition of shape {shown(test.dims)}",
            needs="a single one",
            cause="where chooses element by element.",
        )
    graph = test.graph
    before = len(graph.nodes)
    with graph.name_scope(name or "cond") as within:
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
    with graph.name_scope(within):
        return _chosen(test, a, b)


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Return the value of the function of the first pair whose condition holds, else the default's.

    The pairs are (condition, function), a list or a dict of them. It is made of :func:`cond`.

    Raises
    ------
    OptionError
        If there is no pair, and what :func:`cond` raises.
    DomainError
        In a run, if no condition holds and there is no default, or if several hold and
        ``exclusive`` was asked for.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> x = tf.placeholder(tf.float32, [])
    >>> zero, one = (lambda: tf.constant(0.0)), (lambda: tf.constant(1.0))
    >>> y = tf.case([(x < 0, zero), (x > 1, one)], default=lambda: x)
    >>> [float(tf.Session().run(y, {x: v})) for v in (-3, 0.5, 2)]
    [0.0, 0.5, 1.0]
    """
    pairs = [*(pred_fn_pairs.items() if isinstance(pred_fn_pairs, Mapping) else pred_fn_pairs)]
    tests, functions = [value(p) for p, _ in pairs], [f for _, f in pairs]
    if not tests:
        raise OptionError("case", got="no pair", needs="one at least", cause="Is the list empty?")
    graph = tests[0].graph
    with graph.name_scope(name):
        checks = []
        if exclusive and len(tests) > 1:
            several = Assert(_number(tests) <= 1, ["several conditions of case hold:", *tests])
            checks.append(several)
        if default is None:
            checks.append(Assert(_number(tests) >= 1, ["no condition of case holds:", *tests]))
        with graph.control_dependencies(checks):

            def chosen(i: int) -> Any:
                if i == len(tests):
                    return default() if default else None
                if default is None and i == len(tests) - 1:
                    return functions[i]()
                return cond(tests[i], functions[i], lambda: chosen(i + 1))

            found = chosen(0)
            # One function alone may return what was made before: its value waits, too.
            return _chosen(tests[0], found, found) if len(tests) == 1 else found


def _number(tests: list[Node]) -> Node:
    return add_n([cast(test, int32) for test in tests])


def _chosen(test: Node, a: Any, b: Any) -> Any:
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
        return _merged(test, identity(x), identity(y), "Merge")
    parts = [_chosen(test, x, y) for x, y in zip(a, b, strict=True)]
    return type(a)(*parts) if hasattr(a, "_fields") else type(a)(parts)


def _merged(test: Node, x: Node, y: Node, name: str | None) -> Node:
    """Return x or y as a whole, whatever their shapes."""
    dims: Dims = None
    if x.dims is not None and y.dims is not None and len(x.dims) == len(y.dims):
        dims = tuple([m if m == n else None for m, n in zip(x.dims, y.dims, strict=True)])

    def taken(t: Array, a: Array, b: Array) -> Array:
        return (a if t else b).copy()

    def pullback(dy: Node) -> list[Node | None]:
        ways = (dy, zeros_like(x)), (zeros_like(y), dy)
        return [None, *(_merged(test, a, b, None) for a, b in ways)]

    pulled = pullback if floats(x) else None
    return Function(
        x.graph,
        "Merge",
        taken,
        [test, x, y],
        dims=dims,
        dtype=x.dtype,
        pullback=pulled,
        name=name,
    )


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
