"""Variables: what a session keeps from run to run, and the nodes that set them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import ShapeError
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.node import Node
from refnet.graph.shapes import compatible, merged, shown
from refnet.graph.sources import convert, dims_of, dtype_of
from refnet.op import ops

if TYPE_CHECKING:
    from refnet.graph.session import Session

State = dict["Variable", Array]


class Variable(Node):
    """A value that a session keeps; each session has its own.

    Within one run, a variable is what it was before the run, whatever the run assigns; only nodes
    made under ``control_dependencies`` see what is assigned before them. Optimizers' updates come
    after the assignments that do not wait for them, and move what these have left.

    Parameters
    ----------
    initial_value : array_like, node or callable
        What ``initializer`` sets it to.
    trainable : bool
        Whether it is among ``trainable_variables()``, which optimizers move.
    name : str, optional
        Its name, with a number behind it if it is taken.
    dtype : dtype, optional
        By default that of the initial value.
    expected_shape : sequence of int, optional
        The shape that the initial value is to have.
    graph : Graph, optional
        By default the default graph.

    Raises
    ------
    DtypeError, ShapeError
        If the initial value is of another dtype or shape, or none at all.

    Examples
    --------
    >>> from refnet.graph import Graph, Session, global_variables_initializer
    >>> with Graph().as_default(), Session() as session:
    ...     w = Variable(np.zeros((2, 3), np.float32), name="W")
    ...     session.run(global_variables_initializer())
    ...     session.run(w.assign_add(np.ones((2, 3))))
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        initial_value: Any,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        *,
        expected_shape: Any = None,
        graph: Graph | None = None,
    ) -> None:
        graph = graph or get_default_graph()
        called = f"Variable {name!r}" if name else "Variable"
        found = graph.controls, graph.guards
        graph.controls = graph.guards = ()  # the initial value waits for nothing
        try:
            inner = f"{graph.scope}{name or 'Variable'}/"
            with graph.as_default(), graph.name_scope(inner):
                value = initial_value() if callable(initial_value) else initial_value
                wanted = None if dtype is None else dtype_of(called, dtype)
                initial = convert(value, wanted)
            dims = initial.dims
            if expected_shape is not None:
                try:
                    dims = merged(dims, dims_of(called, expected_shape))
                except ValueError:
                    raise ShapeError(
                        called,
                        got=f"an initial value of shape {shown(initial.dims)}",
                        needs=f"the shape {shown(dims_of(called, expected_shape))}",
                        cause="Was the variable made with another shape before?",
                    ) from None
            super().__init__(
                graph, "Variable", dims=dims, dtype=initial.dtype, name=name or "Variable"
            )
            self.trainable = bool(trainable)
            self.initial_value = initial
            graph.variables.append(self)
            with graph.as_default(), graph.name_scope(f"{self.op.name}/"):
                self.initializer = Assign(self, initial)
        finally:
            graph.controls, graph.guards = found

    def as_input(self) -> Node:
        """Return the variable, or under ``control_dependencies`` a reading of it then."""
        return Reading(self) if self.graph.controls else self

    def read_value(self) -> Node:
        """Return a node that reads the variable at its turn in a run."""
        return Reading(self)

    def value(self) -> Node:
        """Return the variable."""
        return self

    def initialized_value(self) -> Node:
        """Return the node of the initial value, for other variables' initial values."""
        return self.initial_value

    def assign(self, value: Any, name: str | None = None) -> Assign:
        """Return the node that sets the variable, and whose value is what it is set to."""
        return Assign(self, self._operand(value), name=name)

    def assign_add(self, delta: Any, name: str | None = None) -> Assign:
        """Return the node that adds to the variable."""
        return Assign(self, self._operand(delta), "AssignAdd", name=name)

    def assign_sub(self, delta: Any, name: str | None = None) -> Assign:
        """Return the node that subtracts from the variable."""
        return Assign(self, self._operand(delta), "AssignSub", name=name)

    def eval(  # type: ignore[override]
        self, session: Session | None = None, feed_dict: Mapping[Any, Any] | None = None
    ) -> Any:
        """Return the value in a session, the default one if none is given.

        The session comes first, as TensorFlow has it for variables alone.
        """
        return super().eval(feed_dict, session)

    def load(self, value: Any, session: Session | None = None) -> None:
        """Set the variable in a session, the default one if none is given."""
        from refnet.graph.session import session_of

        session_of(session, self, "load").load({self: value})

    def _operand(self, value: Any) -> Node:
        return convert(value, self.dtype)


class Stateful(Node):
    """A node whose kernel is handed, before its inputs, the values of variables at its turn."""


class Reading(Stateful):
    """A variable as it is at this node's turn in a run."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        super().__init__(
            variable.graph,
            "Read",
            [],
            dims=variable.dims,
            dtype=variable.dtype,
            name=f"{variable.op.name}/read",
        )

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that reads it."""
        variable = self.variable
        return lambda state: state[variable]


class Initialized(Stateful):
    """Whether a variable has a value, at this node's turn in a run."""

    def __init__(self, variable: Variable, name: str | None = None) -> None:
        self.variable = variable
        super().__init__(
            variable.graph, "IsVariableInitialized", [], dims=(), dtype=np.dtype(bool), name=name
        )

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that looks."""
        variable = self.variable
        return lambda state: np.array(variable in state)


class Assign(Stateful):
    """A variable set to a value, or moved by it; the value is the new one.

    Under :meth:`Graph.guarded` it stays as it is where the guard is false.
    """

    def __init__(
        self, variable: Variable, value: Node, kind: str = "Assign", name: str | None = None
    ) -> None:
        try:
            merged(variable.dims, value.dims)
        except ValueError:
            raise ShapeError(
                f"{kind} of {variable.name!r}",
                got=f"{value.name!r} of shape {shown(value.dims)}",
                needs=f"the variable's shape {shown(variable.dims)}",
                cause="Is it another variable's value, or is an axis missing?",
            ) from None
        self.variable = variable
        graph = variable.graph
        inputs = [value, *graph.guards]
        super().__init__(graph, kind, inputs, dims=variable.dims, dtype=variable.dtype, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that sets it."""
        variable, kind = self.variable, self.kind
        if kind == "Assign":

            def assigned(state: State, value: Array, *guards: Array) -> Array:
                if not all(guards):
                    return state[variable]
                _check(variable, value)
                state[variable] = value.copy()
                return state[variable]

            return assigned
        assert variable.dtype is not None
        arithmetic: Any = np.add if kind == "AssignAdd" else np.subtract
        if variable.dtype.kind == "f":
            arithmetic = ops()["add" if kind == "AssignAdd" else "subtract"]

        def moved(state: State, delta: Array, *guards: Array) -> Array:
            if not all(guards):
                return state[variable]
            value = np.asarray(arithmetic(state[variable], delta))
            _check(variable, value)
            state[variable] = value
            return value

        return moved


def _check(variable: Variable, value: Array) -> None:
    if not compatible(variable.dims, value.shape):
        raise ShapeError(
            f"assignment to {variable.name!r}",
            got=f"an array of shape {value.shape}",
            needs=f"the variable's shape {shown(variable.dims)}",
            cause="Is it another variable's value, or is an axis missing?",
        )


class Group(Node):
    """An operation without a value: it does what its inputs do."""

    def __init__(self, graph: Graph, nodes: Sequence[Node], name: str | None, kind: str) -> None:
        super().__init__(graph, kind, nodes, dims=None, dtype=None, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function of nothing."""
        return lambda *_: None


def group(*nodes: Any, name: str | None = None) -> Group:
    """Return an operation that does what all the nodes do.

    Examples
    --------
    >>> from refnet.graph import Graph
    >>> with Graph().as_default():
    ...     group(Variable(1.0).initializer, name="start")
    <Group 'start'>
    """
    every = [n.node if hasattr(n, "node") else n for n in nodes]
    graph = every[0].graph if every else get_default_graph()
    return Group(graph, every, name, "group_deps")


def global_variables() -> list[Variable]:
    """Return every variable of the default graph, those of optimizers included."""
    return list(get_default_graph().variables)


def trainable_variables() -> list[Variable]:
    """Return the variables of the default graph that optimizers move."""
    return [v for v in get_default_graph().variables if v.trainable]


def variables_initializer(variables: Sequence[Variable], name: str | None = "init") -> Group:
    """Return an operation that sets these variables to their initial values."""
    graph = variables[0].graph if variables else get_default_graph()
    return Group(graph, [v.initializer for v in variables], name, "init")


def global_variables_initializer() -> Group:
    """Return an operation that sets every variable there is so far to its initial value.

    Examples
    --------
    >>> from refnet.graph import Graph, Session
    >>> with Graph().as_default(), Session() as session:
    ...     w = Variable([1.0, 2.0], name="w")
    ...     global_variables_initializer().run()
    ...     print(w.eval())
    [1. 2.]
    """
    return variables_initializer(global_variables())
