"""Scopes of variables: names shared on purpose, never by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from refnet.arrays import FLOAT32
from refnet.errors import DtypeError, ReuseError, ShapeError
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.random import glorot
from refnet.graph.shapes import merged, shown
from refnet.graph.sources import dims_of, dtype_of
from refnet.graph.variable import Variable


class _AutoReuse:
    def __repr__(self) -> str:
        return "AUTO_REUSE"


AUTO_REUSE: Final = _AutoReuse()  # share a variable that exists, make one that does not


@dataclass
class VariableScope:
    """A scope of variables: the name before theirs, whether they are shared, their initializer.

    ``original_name_scope`` is the scope of nodes' names that was made with it.
    """

    name: str
    reuse: Any = False
    initializer: Any = None
    regularizer: Any = None
    dtype: Any = None
    original_name_scope: str = ""

    def reuse_variables(self) -> None:
        """From here on, share variables that exist."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """From here on, draw initial values from this where none is given."""
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        """From here on, hand new variables to this where none is given."""
        self.regularizer = regularizer


def get_variable_scope() -> VariableScope:
    """Return the scope of variables in force."""
    return _scope_of(get_default_graph())


def _scope_of(graph: Graph) -> VariableScope:
    if graph.variable_scope is None:
        graph.variable_scope = VariableScope("")
    return graph.variable_scope


@contextmanager
def variable_scope(
    name_or_scope: Any,
    default_name: str | None = None,
    values: Any = None,  # noqa: ARG001
    initializer: Any = None,
    *,
    regularizer: Any = None,
    reuse: Any = None,
    dtype: Any = None,
) -> Iterator[VariableScope]:
    """Put a name before those of the variables and nodes made in the block.

    Parameters
    ----------
    name_or_scope : str, VariableScope or None
        The name, inside that of the scope in force; a scope is entered again as it is. With None
        it is ``default_name``, with a number if that is taken.
    initializer : callable, optional
        What ``get_variable`` draws initial values from where it is handed none.
    regularizer : callable, optional
        What ``get_variable`` hands new variables to, where it is handed none.
    reuse : bool or AUTO_REUSE, optional
        True: ``get_variable`` shares variables that exist; False, None: it makes new ones, but for
        what the scope in force says; AUTO_REUSE: whichever there is.

    Raises
    ------
    ReuseError
        If there is no name.

    Examples
    --------
    >>> from refnet.graph import Graph, get_variable
    >>> with Graph().as_default():
    ...     with variable_scope("cell"):
    ...         w = get_variable("W", [2, 3])
    ...     with variable_scope("cell", reuse=True):
    ...         get_variable("W", [2, 3]) is w
    True
    """
    graph = get_default_graph()
    outer = _scope_of(graph)
    if isinstance(name_or_scope, VariableScope):
        model, name = name_or_scope, name_or_scope.name
        nodes = name.rpartition("/")[2]  # in the scope of names in force, as TensorFlow has it
    else:
        given = name_or_scope
        if given is None and default_name:
            given = _free(graph, outer.name, default_name)
        if not isinstance(given, str) or not given:
            raise ReuseError(
                "variable_scope",
                got=f"the name {name_or_scope!r} and default_name={default_name!r}",
                needs="a name, or a scope of variables",
                cause="Is the name an empty string?",
            )
        model, name, nodes = outer, f"{outer.name}/{given}" if outer.name else given, given
    inner = VariableScope(
        name,
        reuse=reuse or model.reuse or outer.reuse,
        initializer=model.initializer if initializer is None else initializer,
        regularizer=model.regularizer if regularizer is None else regularizer,
        dtype=model.dtype if dtype is None else dtype,
    )
    graph.scopes.add(name)
    with graph.name_scope(nodes or graph.scope) as made:
        inner.original_name_scope = model.original_name_scope if model is name_or_scope else made
        graph.variable_scope = inner
        try:
            yield inner
        finally:
            graph.variable_scope = outer
            # Entered again, a scope counts its default names from the start, and so shares them.
            graph.scopes = {s for s in graph.scopes if not s.startswith(f"{name}/")}


def _free(graph: Graph, outer: str, name: str) -> str:
    """Return a name that no scope within the outer one has had."""
    before = f"{outer}/" if outer else ""
    found, n = name, 0
    while f"{before}{found}" in graph.scopes:
        n += 1
        found = f"{name}_{n}"
    return found


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    *,
    regularizer: Callable[[Any], Any] | None = None,
    trainable: bool = True,
    collections: Any = None,
) -> Variable:
    """Return the variable of a name in the scope in force: a new one, or a shared one.

    Parameters
    ----------
    name : str
        Its name, behind the scope's.
    shape : sequence of int, optional
        Its shape; for an initial value that is an array it may be left out.
    dtype : dtype, optional
        float32 by default.
    initializer : callable or array_like, optional
        ``initializer(shape, dtype=...)`` is the initial value, or it is the initial value itself;
        by default the scope's, or Glorot's uniform distribution.
    regularizer : callable, optional
        ``regularizer(variable)`` goes to the collection "regularization_losses".

    Raises
    ------
    ReuseError
        If the variable exists and the scope does not share, or the other way round.
    ShapeError, DtypeError
        If a shared variable has another shape or dtype.

    Examples
    --------
    >>> from refnet.graph import Graph
    >>> with Graph().as_default():
    ...     get_variable("b", [3], initializer=np.zeros(3, np.float32))
    <Variable 'b:0' shape=(3,) dtype=float32>
    """
    graph = get_default_graph()
    scope = _scope_of(graph)
    whole = f"{scope.name}/{name}" if scope.name else name
    called = f"get_variable {whole!r}"
    existing = graph.named_variables.get(whole)
    if existing is not None and not scope.reuse:
        raise ReuseError(
            called,
            got="a name that a variable has already",
            needs="another name, or a scope with reuse=True or AUTO_REUSE",
            cause="Is the same layer built twice, or was the default graph not reset?",
        )
    if existing is None and scope.reuse is True:
        raise ReuseError(
            called,
            got="reuse=True for a variable that does not exist",
            needs="a variable made before, or reuse=AUTO_REUSE",
            cause="Is the name, or that of a scope, another one than where it was made?",
        )
    if existing is not None:
        return _shared(called, existing, shape, dtype)
    dtype = dtype_of(called, dtype or scope.dtype or FLOAT32)
    made = initializer if initializer is not None else scope.initializer
    # Variables go by the scope of variables alone, whichever scope of nodes' names is in force.
    with graph.name_scope(None):
        variable = Variable(
            _initial(called, made, shape, dtype),
            trainable,
            whole,
            dtype,
            expected_shape=shape,
            graph=graph,
        )
    graph.named_variables[whole] = variable
    for collection in collections or ():
        graph.add_to_collection(collection, variable)
    penalty = regularizer if regularizer is not None else scope.regularizer
    if penalty is not None:
        graph.add_to_collection("regularization_losses", penalty(variable))
    return variable


def _initial(called: str, made: Any, shape: Any, dtype: np.dtype[Any]) -> Any:
    dims = dims_of(called, shape)
    if made is not None and not callable(made):
        return np.asarray(made, dtype) if not hasattr(made, "graph") else made
    if dims is None or None in dims:
        raise ShapeError(
            called,
            got=f"the shape {shown(dims)}",
            needs="a shape of which every length is known",
            cause="Is the shape missing?",
        )
    lengths = [n for n in dims if n is not None]
    if isinstance(made, type):
        made = made()
    if made is not None:
        return lambda: made(lengths, dtype=dtype)
    if dtype.kind != "f":
        return np.zeros(lengths, dtype)
    return lambda: glorot(lengths, dtype)


def _shared(called: str, variable: Variable, shape: Any, dtype: Any) -> Variable:
    try:
        merged(variable.dims, dims_of(called, shape))
    except ValueError:
        raise ShapeError(
            called,
            got=f"the shape {shown(dims_of(called, shape))}",
            needs=f"the shape {shown(variable.dims)} of the variable that is shared",
            cause="Is it the same layer?",
        ) from None
    if dtype is not None and dtype_of(called, dtype) != variable.dtype:
        raise DtypeError(
            called,
            got=f"the dtype {dtype_of(called, dtype)}",
            needs=f"the dtype {variable.dtype} of the variable that is shared",
            cause="Is it the same layer?",
        )
    return variable
