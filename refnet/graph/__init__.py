"""Static graphs in the manner of TensorFlow 1, computed by refnet's operations.

A graph is made first, of placeholders, variables and operations on them; a session then runs it::

    x = placeholder(np.float32, [None, 784], name="x")
    w = Variable(np.zeros((784, 10), np.float32), name="W")
    loss = apply(rn.softmax_cross_entropy, x @ w, labels, reduction="sum")
    step = minimize(loss, rn.optimizers.SGD(lr=0.01))
    with Session() as session:
        session.run(global_variables_initializer())
        session.run(step, {x: images, labels: classes})

Evaluation itself is a pure function, :func:`evaluate`, of feeds and the variables' values.
``refnet.tf1`` has TensorFlow 1's own names for all of this.
"""

from refnet.graph.applied import Applied, apply
from refnet.graph.arithmetic import binary, unary
from refnet.graph.function import Function, cast, ones_like, stop_gradient, zeros_like
from refnet.graph.gradients import gradients
from refnet.graph.graph import Graph, get_default_graph, reset_default_graph
from refnet.graph.indexing import gather, transpose
from refnet.graph.joining import concat, stack, unstack
from refnet.graph.node import Node, Operation
from refnet.graph.order import topological_sort
from refnet.graph.random import (
    Random,
    random_normal,
    random_uniform,
    set_random_seed,
    truncated_normal,
)
from refnet.graph.scope import (
    AUTO_REUSE,
    VariableScope,
    get_variable,
    get_variable_scope,
    variable_scope,
)
from refnet.graph.session import (
    InteractiveSession,
    Run,
    Session,
    evaluate,
    get_default_session,
    observed,
)
from refnet.graph.shapes import TensorShape
from refnet.graph.sources import Constant, Placeholder, constant, convert, placeholder
from refnet.graph.training import Apply, apply_gradients, compute_gradients, minimize, updates_of
from refnet.graph.variable import (
    Assign,
    Variable,
    global_variables,
    global_variables_initializer,
    group,
    trainable_variables,
    variables_initializer,
)

__all__ = [
    "AUTO_REUSE",
    "Applied",
    "Apply",
    "Assign",
    "Constant",
    "Function",
    "Graph",
    "InteractiveSession",
    "Node",
    "Operation",
    "Placeholder",
    "Random",
    "Run",
    "Session",
    "TensorShape",
    "Variable",
    "VariableScope",
    "apply",
    "apply_gradients",
    "binary",
    "cast",
    "compute_gradients",
    "concat",
    "constant",
    "convert",
    "evaluate",
    "gather",
    "get_default_graph",
    "get_default_session",
    "get_variable",
    "get_variable_scope",
    "global_variables",
    "global_variables_initializer",
    "gradients",
    "group",
    "minimize",
    "observed",
    "ones_like",
    "placeholder",
    "random_normal",
    "random_uniform",
    "reset_default_graph",
    "set_random_seed",
    "stack",
    "stop_gradient",
    "topological_sort",
    "trainable_variables",
    "transpose",
    "truncated_normal",
    "unary",
    "unstack",
    "updates_of",
    "variable_scope",
    "variables_initializer",
    "zeros_like",
]
