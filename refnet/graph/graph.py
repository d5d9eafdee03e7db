"""A graph: the nodes in the order of their making, their names, and which graph is the default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from refnet.checks import nearest
from refnet.errors import GraphError

if TYPE_CHECKING:
    from refnet.graph.node import Node, Operation
    from refnet.graph.scope import VariableScope
    from refnet.graph.variable import Variable


class Graph:
    """Nodes that refer to one another. Nodes of two graphs never do.

    Attributes
    ----------
    nodes : list of Node
        Every node, in the order of making.
    variables : list of Variable
        Every variable, those of optimizers included.
    seed : int
        What random nodes without a seed of their own are drawn from, with their number.

    Examples
    --------
    >>> import numpy as np
    >>> from refnet.graph import Graph, Session, placeholder
    >>> g = Graph()
    >>> with g.as_default():
    ...     x = placeholder(np.float32, [None, 2], name="x")
    ...     y = x + 1
    >>> [node.name for node in g.nodes]
    ['x:0', 'add/y:0', 'add:0']
    >>> Session(g).run(y, {x: [[1, 2]]})
    array([[2., 3.]], dtype=float32)
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.variables: list[Variable] = []
        self.named_variables: dict[str, Variable] = {}  # those of get_variable
        self.scopes: set[str] = set()  # of variables, that were entered
        self.collections: dict[str, list[Any]] = {}
        self.seed = 0
        self.finalized = False
        self.scope = ""  # of names: "layer1/"
        self.variable_scope: VariableScope | None = None
        self.controls: tuple[Node, ...] = ()
        self.guards: tuple[Node, ...] = ()
        self._by_name: dict[str, Node] = {}
        self._taken: dict[str, int] = {}

    def add(self, node: Node, name: str) -> str:
        """Take in a node and return its name, which is ``name`` with a number if that is taken."""
        if self.finalized:
            raise GraphError(
                f"node {name!r}",
                got="a graph that is finalized",
                needs="a graph that still takes nodes",
                cause="Is an operation made within the loop of the runs?",
            )
        found = self.unique_name(name)
        self.nodes.append(node)
        self._by_name[found] = node
        return found

    def unique_name(self, name: str) -> str:
        """Return a name in the scope of names that no node has, and hold it as taken.

        One that ends with "/" is that of a scope, taken as it is.

        Examples
        --------
        >>> g = Graph()
        >>> g.unique_name("W"), g.unique_name("W"), g.unique_name("w")
        ('W', 'W_1', 'w_2')
        """
        whole = f"{self.scope}{name}" if not name.endswith("/") else name[:-1]
        found = whole
        if name.endswith("/") and whole not in self._by_name:
            return whole  # a scope's own name for what comes out of it
        while found.lower() in self._taken:  # as TensorFlow: names differ by more than capitals
            count = self._taken[whole.lower()] = self._taken.get(whole.lower(), 0) + 1
            found = f"{whole}_{count}"
        self._taken[found.lower()] = 0
        return found

    def node(self, name: str) -> Node:
        """Return the node of a name; "W" and "W:0" are the same.

        Raises
        ------
        GraphError
            If there is none.
        """
        stem, _, index = name.partition(":")
        if name in self._by_name:
            return self._by_name[name]
        if stem not in self._by_name or index not in ("", "0"):
            raise GraphError(
                "graph",
                got=f"the name {name!r}",
                needs=f"the name of one of its {len(self.nodes)} nodes",
                cause=nearest(stem, self._by_name),
            )
        return self._by_name[stem]

    get_tensor_by_name = node

    def get_operation_by_name(self, name: str) -> Operation:
        """Return what makes the node of a name; GraphError if there is none."""
        return self.node(name).op

    def get_operations(self) -> list[Operation]:
        """Return what makes each node, in the order of making."""
        return [node.op for node in self.nodes]

    def get_name_scope(self) -> str:
        """Return the scope of names in force, without its last "/"."""
        return self.scope.removesuffix("/")

    def finalize(self) -> None:
        """From here on, refuse every new node."""
        self.finalized = True

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get_collection(self, name: str, scope: str | None = None) -> list[Any]:
        """Return the entries of a collection, or those whose names ``scope`` matches.

        It is a regular expression for the start of a name, as TensorFlow has it.
        """
        if name == "variables":
            entries: list[Any] = list(self.variables)
        elif name == "trainable_variables":
            entries = [v for v in self.variables if v.trainable]
        else:
            entries = list(self.collections.get(name, ()))
        if scope is None:
            return entries
        found = re.compile(scope)
        return [e for e in entries if hasattr(e, "name") and found.match(e.name)]

    def add_to_collection(self, name: str, value: Any) -> None:
        """Add an entry to a collection of one's own."""
        self.collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Sequence[str], value: Any) -> None:
        """Add an entry to several collections."""
        for name in dict.fromkeys([names] if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def clear_collection(self, name: str) -> None:
        """Remove all entries of a collection of one's own."""
        self.collections.pop(name, None)

    def get_all_collection_keys(self) -> list[str]:
        """Return the names of the collections that have entries."""
        own = {
            "variables": self.variables,
            "trainable_variables": self.get_collection("trainable_variables"),
        }
        return sorted({*[k for k, v in own.items() if v], *self.collections})

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Make this the graph that new nodes go to, until the block ends."""
        token = _default.set(self)
        try:
            yield self
        finally:
            _default.reset(token)

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Put a name before those of the nodes made in the block: "layer1/".

        A name that ends with "/" is taken as it is, so that a scope can be entered again.
        """
        outer = self.scope
        if not name:
            self.scope = ""
        else:
            self.scope = name if name.endswith("/") else f"{self.unique_name(name)}/"
        try:
            yield self.scope
        finally:
            self.scope = outer

    @contextmanager
    def control_dependencies(self, nodes: Sequence[Node] | None) -> Iterator[None]:
        """Let the nodes made in the block be evaluated after these; None lifts what is in force."""
        from refnet.graph.node import Node

        outer = self.controls
        given = () if nodes is None else tuple(n for n in nodes if isinstance(n, Node))
        for n in given:
            self.check(n, "control_dependencies")
        self.controls = () if nodes is None else (*outer, *given)
        try:
            yield
        finally:
            self.controls = outer

    @contextmanager
    def guarded(self, test: Node) -> Iterator[None]:
        """Let the assignments made in the block set nothing in a run where ``test`` is false."""
        outer = self.guards
        self.guards = (*outer, test)
        try:
            yield
        finally:
            self.guards = outer

    def check(self, node: Node, where: str) -> None:
        """Refuse a node of another graph."""
        if node.graph is not self:
            raise GraphError(
                where,
                got=f"the node {node.name!r} of another graph",
                needs="nodes of one graph",
                cause="Was the default graph reset, or another one made the default, in between?",
            )


_default: ContextVar[Graph | None] = ContextVar("default graph", default=None)
_global: list[Graph] = [Graph()]


def get_default_graph() -> Graph:
    """Return the graph that new nodes go to."""
    return _default.get() or _global[0]


def reset_default_graph() -> None:
    """Put a new, empty graph in the place of the global default graph.

    Raises
    ------
    GraphError
        Within ``Graph.as_default``, where the default is not the global one.
    """
    if _default.get() is not None:
        raise GraphError(
            "reset_default_graph",
            got="a call within as_default() of a graph, or of a session",
            needs="a call outside",
            cause="A new Graph() with as_default() needs no reset.",
        )
    _global[0] = Graph()
