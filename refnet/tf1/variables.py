"""Variables and their scopes, in TensorFlow's order of arguments, and gradients."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any

import numpy as np

from refnet import graph as _graph
from refnet.errors import OptionError
from refnet.graph import Node, VariableScope
from refnet.graph.variable import Initialized, Stateful
from refnet.tf1.arrays import identity
from refnet.tf1.values import as_dtype, value


class Variable(_graph.Variable):
    """A value that a session keeps: ``Variable(initial_value, trainable=True, name=...)``.

    See :class:`refnet.graph.Variable`; the order of arguments is TensorFlow's.

    Raises
    ------
    OptionError
        For a constraint.
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Sequence[str] | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        use_resource: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        _refuse("Variable", constraint=constraint)

        def initial() -> Node:
            found = initial_value() if callable(initial_value) else initial_value
            return value(found, dtype)

        super().__init__(
            initial,
            trainable is not False,
            name,
            None if dtype is None else as_dtype(dtype),
            expected_shape=expected_shape if shape is None else shape,
        )
        for collection in collections or ():
            if collection not in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES):
                self.graph.add_to_collection(collection, self)
        if GraphKeys.LOCAL_VARIABLES in (collections or ()):
            self.graph.variables.remove(self)


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Callable[[Any], Any] | None = None,
    trainable: bool | None = None,
    collections: Sequence[str] | None = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
) -> _graph.Variable:
    """Return the variable of a name in the scope in force: a new one, or a shared one.

    See :func:`refnet.graph.get_variable`.

    Raises
    ------
    OptionError
        For a constraint or a custom getter.
    """
    _refuse("get_variable", constraint=constraint, custom_getter=custom_getter)
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is None and initializer is not None and not callable(initializer):
        wanted = value(initializer).dtype
    return _graph.get_variable(
        name,
        shape,
        wanted,
        initializer,
        regularizer=regularizer,
        trainable=trainable is not False,
        collections=collections,
    )


def variable_scope(
    name_or_scope: Any,
    default_name: str | None = None,
    values: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    reuse: Any = None,
    dtype: Any = None,
    use_resource: Any = None,
    constraint: Any = None,
    auxiliary_name_scope: bool = True,
) -> AbstractContextManager[VariableScope]:
    """Put a name before those of the variables and nodes made in the block.

    See :func:`refnet.graph.variable_scope`.

    Raises
    ------
    OptionError
        For a constraint or a custom getter.
    """
    _refuse("variable_scope", constraint=constraint, custom_getter=custom_getter)
    return _graph.variable_scope(
        _graph.get_variable_scope() if name_or_scope == "" else name_or_scope,
        default_name,
        values,
        initializer,
        regularizer=regularizer,
        reuse=reuse,
        dtype=dtype,
    )


def _refuse(op: str, **options: Any) -> None:
    """Refuse options that would change values, and are not there."""
    given = [name for name, option in options.items() if option is not None]
    if given:
        raise OptionError(
            op,
            got=f"{' and '.join(given)}",
            needs="None",
            cause="Not there: an assign after each step does what a constraint does.",
        )


def name_scope(
    name: str | None,
    default_name: str | None = None,
    values: Any = None,
) -> AbstractContextManager[str]:
    """Put a name before those of the nodes made in the block."""
    return _graph.get_default_graph().name_scope(name or default_name)


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """Let the nodes made in the block be evaluated after these."""
    nodes = None
    if control_inputs is not None:
        nodes = [n.node if isinstance(n, _graph.Operation) else n for n in control_inputs]
    return _graph.get_default_graph().control_dependencies(nodes)


def assign(
    ref: _graph.Variable,
    value: Any,
    validate_shape: Any = None,
    use_locking: Any = None,
    name: str | None = None,
) -> Node:
    """Return the node that sets a variable."""
    return ref.assign(value, name=name)


def assign_add(
    ref: _graph.Variable,
    value: Any,
    use_locking: Any = None,
    name: str | None = None,
) -> Node:
    """Return the node that adds to a variable."""
    return ref.assign_add(value, name=name)


def assign_sub(
    ref: _graph.Variable,
    value: Any,
    use_locking: Any = None,
    name: str | None = None,
) -> Node:
    """Return the node that subtracts from a variable."""
    return ref.assign_sub(value, name=name)


class GraphKeys:
    """The names of a graph's own collections."""

    GLOBAL_VARIABLES = "variables"
    VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    LOSSES = "losses"
    UPDATE_OPS = "update_ops"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    SUMMARIES = "summaries"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"


def get_collection(key: str, scope: str | None = None) -> list[Any]:
    """Return the entries of a collection of the default graph."""
    return _graph.get_default_graph().get_collection(key, scope)


def add_to_collection(name: str, value: Any) -> None:
    """Add an entry to a collection of the default graph."""
    _graph.get_default_graph().add_to_collection(name, value)


def global_variables(scope: str | None = None) -> list[Any]:
    """Return every variable of the default graph, those of optimizers included."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    """Return the variables that are neither saved nor among the global ones, such as counts."""
    return get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def variables_initializer(var_list: Sequence[Any], name: str = "init") -> Node:
    """Return the operation that sets these variables to their initial values."""
    return _graph.variables_initializer(var_list, name)


def local_variables_initializer() -> Node:
    """Return the operation that sets every local variable to its initial value."""
    return variables_initializer(local_variables())


def tables_initializer(name: str = "init_all_tables") -> Node:
    """Return an operation that does nothing: there are no tables of words here."""
    return no_op(name)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """Return what an ExponentialMovingAverage was applied to."""
    return get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def is_variable_initialized(variable: _graph.Variable) -> Node:
    """Return whether a variable has a value in the session."""
    return Initialized(variable)


def model_variables(scope: str | None = None) -> list[Any]:
    """Return what was added to the collection of a model's variables; nothing is by itself."""
    return get_collection(GraphKeys.MODEL_VARIABLES, scope)


def report_uninitialized_variables(
    var_list: Sequence[_graph.Variable] | None = None,
    name: str = "report_uninitialized_variables",
) -> Node:
    """Return the names, as bytes, of the variables that have no value in the session: (n,).

    They are the global and local variables by default.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    ...     v.initializer.run()
    ...     session.run(tf.report_uninitialized_variables())
    array([b'w'], dtype=object)
    """
    every = global_variables() + local_variables() if var_list is None else list(var_list)
    return _Uninitialized(every, name)


class _Uninitialized(Stateful):
    """The names of the variables that have no value, at this node's turn in a run."""

    def __init__(self, variables: Sequence[_graph.Variable], name: str) -> None:
        self.variables = list(variables)
        graph = self.variables[0].graph if variables else _graph.get_default_graph()
        dtype = np.dtype(object)
        super().__init__(graph, "report", [], dims=(None,), dtype=dtype, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function that looks."""
        names = {v: v.op.name.encode() for v in self.variables}
        return lambda state: np.array([s for v, s in names.items() if v not in state], object)


def no_op(name: str | None = None) -> Node:
    """Return an operation that does nothing but wait for its control dependencies."""
    return _graph.group(name=name or "NoOp")


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """Return nodes of the same values, none of which is there before all of them are."""
    every = [value(t) for t in tensors if t is not None]
    with control_dependencies([*every, *(control_inputs or ())]):
        return [None if t is None else identity(t) for t in tensors]


def add_to_collections(names: Any, value: Any) -> None:
    """Add an entry to several collections of the default graph."""
    _graph.get_default_graph().add_to_collections(names, value)


def get_collection_ref(key: str) -> list[Any]:
    """Return a collection of the default graph itself, to be changed."""
    return _graph.get_default_graph().collections.setdefault(key, [])


def trainable_variables(scope: str | None = None) -> list[Any]:
    """Return the variables that optimizers move."""
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


class IndexedSlices:
    """TensorFlow's gradients of looked-up rows. Here they are nodes as any other; none is this."""


class UnconnectedGradients(Enum):
    """What the gradient with respect to something unconnected is: None, or zeros."""

    NONE = "none"
    ZERO = "zero"


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = UnconnectedGradients.NONE,
) -> list[Any]:
    """Return the gradient of the sum of ys with respect to each of xs, None where unconnected."""
    unconnected = getattr(unconnected_gradients, "value", unconnected_gradients)
    stop = stop_gradients if isinstance(stop_gradients, list | builtins.tuple) else [stop_gradients]
    return _graph.gradients(
        ys,
        xs,
        grad_ys,
        unconnected=unconnected,
        stop=[node for node in stop if node is not None],
        name=name,
    )
