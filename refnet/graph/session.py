"""Sessions: where a graph's variables have values, and where its nodes are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import FeedError, GraphError
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.node import Node, Operation
from refnet.graph.plan import Plan
from refnet.graph.random import Random
from refnet.graph.sources import fed
from refnet.graph.variable import State, Variable

MAX_PLANS = 64


class Run(NamedTuple):
    """One run of a session, for those who observe it.

    ``feeds`` holds what was fed and what random nodes drew, ``before`` and ``after`` the values of
    variables. No array in it may be changed.
    """

    session: Session
    fetches: tuple[Node, ...]
    feeds: dict[Node, Array]
    before: State
    after: State


_observer: ContextVar[Callable[[Run], None] | None] = ContextVar("observer", default=None)
_session: ContextVar[Session | None] = ContextVar("default session", default=None)


@contextmanager
def observed(f: Callable[[Run], None]) -> Iterator[None]:
    """Call f with every :class:`Run` of any session, after it, until the block ends.

    Examples
    --------
    >>> from refnet.graph import Graph, Session, constant
    >>> seen = []
    >>> with Graph().as_default(), Session() as session, observed(seen.append):
    ...     _ = session.run(constant(1.0) + 1.0)
    >>> [node.name for node in seen[0].fetches]
    ['add:0']
    """
    token = _observer.set(f)
    try:
        yield
    finally:
        _observer.reset(token)


class Session:
    """Values for the variables of a graph, and runs that compute its nodes.

    A run either does all that it is asked for, or raises and changes nothing. Every variable is
    read as it was before the run; see :class:`Variable`.

    Parameters
    ----------
    graph : Graph, optional
        By default the default graph.
    strict : bool
        Whether a feed that no fetch needs is refused. TensorFlow lets it pass, and so does
        ``refnet.tf1``.

    Examples
    --------
    >>> from refnet.graph import Graph, placeholder
    >>> with Graph().as_default():
    ...     x = placeholder(np.float32, [None], name="x")
    ...     with Session() as session:
    ...         session.run([x + 1, {"twice": 2 * x}], {x: [1, 2]})
    [array([2., 3.], dtype=float32), {'twice': array([2., 4.], dtype=float32)}]
    """

    def __init__(self, graph: Graph | None = None, *, strict: bool = True) -> None:
        self.graph = graph or get_default_graph()
        self.strict = strict
        self.state: State = {}
        self._plans: dict[tuple[tuple[Node, ...], frozenset[Node]], Plan] = {}
        self._generators: dict[Random, np.random.Generator] = {}
        self._entered: list[Any] = []
        self._closed = False

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """Return the values of nodes; of a list, tuple or dict of nodes, the same of values.

        Parameters
        ----------
        fetches : node, operation, name, or list, tuple or dict of them
            What is wanted; operations without a value give None.
        feed_dict : mapping, optional
            Values for placeholders, or in the place of any other node.

        Raises
        ------
        FeedError
            If a placeholder that is needed is not fed, or what is fed is not needed, is no node, or
            does not fit.
        GraphError
            If a node belongs to another graph, or the session is closed.
        UninitializedError
            If a variable that is needed has no value.
        RefnetError
            What an operation refuses, with the name of its node.
        """
        if self._closed:
            raise GraphError(
                "Session.run",
                got="a session that is closed",
                needs="an open one",
                cause="Is the run after the `with` block?",
            )
        leaves: list[Node] = []
        shape = self._taken_apart(fetches, leaves)
        feeds = self._fed(feed_dict or {})
        wanted = tuple(leaves)
        key = (wanted, frozenset(feeds))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._planned(key)
        before = self.state
        values, after, drawn = plan.carry_out(feeds, before, self._generator)
        self.state = after
        observer = _observer.get()
        if observer is not None:
            observer(Run(self, wanted, {**feeds, **drawn}, before, after))
        kept = [
            _given_away(node, value, node in feeds)
            for node, value in zip(wanted, values, strict=True)
        ]
        if len(set(wanted)) < len(wanted):  # what is fetched twice is two arrays
            kept = [v.copy() if isinstance(v, np.ndarray) else v for v in kept]
        return _put_together(shape, iter(kept))

    def load(self, values: Mapping[Variable, Any]) -> None:
        """Set variables to values, all of them or none.

        Raises
        ------
        GraphError, FeedError
            If a variable is of another graph, or a value does not fit it.
        """
        checked = {}
        for variable, value in values.items():
            self.graph.check(variable, "Session.load")
            checked[variable] = fed(variable, value).copy()
        self.state = {**self.state, **checked}

    def close(self) -> None:
        """Forget the variables' values."""
        self.state, self._plans, self._closed = {}, {}, True

    @contextmanager
    def as_default(self) -> Iterator[Session]:
        """Make this the session of ``eval`` and ``run`` without one, until the block ends."""
        token = _session.set(self)
        try:
            with self.graph.as_default():
                yield self
        finally:
            _session.reset(token)

    def __enter__(self) -> Self:
        context = self.as_default()
        context.__enter__()
        self._entered.append(context)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._entered.pop().__exit__(kind, error, trace)
        self.close()

    def _planned(self, key: tuple[tuple[Node, ...], frozenset[Node]]) -> Plan:
        wanted, feeds = key
        plan = Plan(wanted, feeds, None)
        unneeded = feeds - {node for node, _ in plan.fed}
        if self.strict and unneeded:
            names = ", ".join(sorted(repr(n.name) for n in unneeded))
            raise FeedError(
                f"feed of {names}",
                got=f"a value that {', '.join(repr(n.name) for n in wanted)} does not need",
                needs="feeds of what the fetches are computed from",
                cause="Is it the wrong placeholder? Session(strict=False) lets it pass.",
            )
        if len(self._plans) >= MAX_PLANS:
            self._plans.clear()
        self._plans[key] = plan
        return plan

    def _taken_apart(self, fetches: Any, leaves: list[Node]) -> Any:
        """Return the structure of the fetches with their places, and collect the nodes."""
        if isinstance(fetches, Operation):
            fetches = fetches.node
        if isinstance(fetches, str):
            fetches = self.graph.node(fetches)
        if isinstance(fetches, Node):
            self.graph.check(fetches, "Session.run, fetches")
            leaves.append(fetches)
            return None
        if isinstance(fetches, Mapping):
            return {k: self._taken_apart(v, leaves) for k, v in fetches.items()}
        if isinstance(fetches, list | tuple):
            parts = [self._taken_apart(v, leaves) for v in fetches]
            return type(fetches)(*parts) if hasattr(fetches, "_fields") else type(fetches)(parts)
        raise GraphError(
            "Session.run, fetches",
            got=f"{fetches!r}",
            needs="nodes, names of nodes, or lists, tuples and dicts of them",
            cause="Is a Python variable that held a node overwritten by its value?",
        )

    def _fed(self, feed_dict: Mapping[Any, Any]) -> dict[Node, Array]:
        if not isinstance(feed_dict, Mapping):
            raise FeedError(
                "Session.run, feed_dict",
                got=f"{type(feed_dict).__name__}",
                needs="a dict of nodes and their values",
                cause="Is it a set, {x, value}, or is a further node to be fetched outside a list?",
            )
        feeds = {}
        for key, value in feed_dict.items():
            node = self.graph.node(key) if isinstance(key, str) else key
            if not isinstance(node, Node) or node.dtype is None:
                raise FeedError(
                    "Session.run, feed_dict",
                    got=f"the key {node!r}",
                    needs="placeholders, or other nodes that have a value",
                    cause="Is it an array where the placeholder is meant?",
                )
            if node.graph is not self.graph:
                raise FeedError(
                    f"feed of {node.name!r}",
                    got="a node of another graph",
                    needs="placeholders of the session's graph",
                    cause="Was the default graph reset in between?",
                )
            feeds[node] = fed(node, value)
        return feeds

    def _generator(self, node: Random) -> np.random.Generator:
        if node not in self._generators:
            self._generators[node] = node.generator()
        return self._generators[node]


class InteractiveSession(Session):
    """A session that is the default from the start, until it is closed, as is a graph it is given.

    Examples
    --------
    >>> from refnet.graph import constant
    >>> session = InteractiveSession()
    >>> (constant(1.0) + 2.0).eval()
    np.float64(3.0)
    >>> session.close()
    """

    def __init__(self, graph: Graph | None = None, *, strict: bool = True) -> None:
        super().__init__(graph, strict=strict)
        self._before = _session.get()
        _session.set(self)
        self._within = ExitStack()
        if graph is not None:
            self._within.enter_context(graph.as_default())

    def close(self) -> None:
        """Forget the variables' values, and be the default no more."""
        super().close()
        self._within.close()
        if _session.get() is self:
            _session.set(self._before)


def get_default_session() -> Session | None:
    """Return the session of ``eval`` and ``run`` without one, or None."""
    return _session.get()


def session_of(session: Session | None, node: Node, where: str) -> Session:
    """Return the session given, or the default one; GraphError if there is none."""
    found = session or _session.get()
    if found is None:
        raise GraphError(
            f"{where} of {node.name!r}",
            got="no session",
            needs="a session as an argument, or a default one",
            cause="Is it outside of `with Session():`, or is an InteractiveSession missing?",
        )
    return found


def evaluate(
    fetches: Sequence[Node],
    feeds: Mapping[Node, Any],
    state: Mapping[Variable, Array],
    *,
    dtype: Any = None,
) -> tuple[list[Any], State]:
    """Return the values of nodes, and the variables after: a pure function, without a session.

    Parameters
    ----------
    fetches : sequence of Node
        What is wanted; operations without a value give None.
    feeds : mapping
        Values for placeholders, and for every random node that is needed.
    state : mapping
        The variables' values; it is not changed.
    dtype : dtype, optional
        Every dtype of floats becomes this one: feeds, variables and constants are taken in it, and
        everything is computed in it. So is a graph its own oracle.

    Raises
    ------
    FeedError, UninitializedError, RefnetError
        As :meth:`Session.run`.

    Examples
    --------
    >>> from refnet.graph import Graph, Variable
    >>> with Graph().as_default():
    ...     w = Variable(np.float32(0.1), name="w")
    ...     y = w * 3
    >>> (value,), _ = evaluate([y], {}, {w: np.array(0.1, np.float32)}, dtype=np.float64)
    >>> float(value)
    0.30000000447034836
    """
    wide = None if dtype is None else np.dtype(dtype)

    def taken(value: Any) -> Array:
        array = np.asarray(value)
        return array.astype(wide) if wide is not None and is_float(array.dtype) else array

    given = {node: taken(value) for node, value in feeds.items()}
    kept = {v: taken(a) for v, a in state.items()}
    plan = Plan(list(fetches), frozenset(given), wide)
    values, after, _ = plan.carry_out(given, kept, None)
    return values, after


def _given_away(node: Node, value: Any, given: bool) -> Any:
    """Return a value that its receiver may change: no memory of the session's, nor what was fed."""
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim == 0:
        return value[()]
    if given or isinstance(node, Variable) or value.base is not None:
        return value.copy()
    return value.copy() if not value.flags.writeable or node.kind in _KEEPING else value


# Kinds of node whose value may be an array that something else keeps.
_KEEPING = frozenset({"Assign", "AssignAdd", "AssignSub", "Read", "Const", "StopGradient", "vjp"})


def _put_together(shape: Any, values: Iterator[Any]) -> Any:
    """Return the values in the structure of the fetches."""
    if shape is None:
        return next(values)
    if isinstance(shape, Mapping):
        return {k: _put_together(v, values) for k, v in shape.items()}
    parts = [_put_together(v, values) for v in shape]
    return type(shape)(*parts) if hasattr(shape, "_fields") else type(shape)(parts)
