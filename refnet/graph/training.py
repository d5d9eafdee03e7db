"""Training steps as nodes: refnet's optimizers on a graph's variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import GraphError, OptionError, ShapeError, UnconnectedError
from refnet.graph.gradients import gradients
from refnet.graph.node import Node
from refnet.graph.order import topological_sort
from refnet.graph.rows import rows_of, taken
from refnet.graph.shapes import compatible, shown
from refnet.graph.variable import Group, State, Stateful, Variable
from refnet.optimizers.base import Elementwise

Slots = Mapping[str, Mapping[Variable, Variable]]


class Apply(Stateful):
    """One update of variables by an optimizer; it has no value.

    Attributes
    ----------
    optimizer : Elementwise
        The optimizer, a value.
    grads_and_vars : list of (Node, Variable)
        The gradients and what they move.
    slots : mapping
        The optimizer's variables: by the slot's name, then by the variable.
    updates : Variable
        How many updates were done.
    loss : Node or None
        What is minimised, where the step comes from :func:`minimize`.
    lr : Node or None
        The learning rate, where it is computed.
    """

    def __init__(
        self,
        optimizer: Elementwise[Any],
        grads_and_vars: Sequence[tuple[Node, Variable]],
        lr: Node | None,
        slot_names: Mapping[str, str],
        counted: bool,
        by_rows: bool,
        earlier: Sequence[Apply],
        name: str,
    ) -> None:
        graph = grads_and_vars[0][1].graph
        self.optimizer = optimizer
        self.grads_and_vars = list(grads_and_vars)
        self.loss: Node | None = None
        self.slots: dict[str, dict[Variable, Variable]] = {}
        started = optimizer.init({"0": np.zeros(1)})
        starts = [
            (slot, start["0"][0])
            for slot, start in zip(started._fields[1:], started[1:], strict=True)
            if start
        ]
        ordered = list(slot_names)
        starts.sort(key=lambda s: ordered.index(s[0]) if s[0] in ordered else len(ordered))
        earlier = [update for update in earlier if update.graph is graph]
        kept = {
            (slot, v): variable
            for update in earlier
            for slot, of in update.slots.items()
            for v, variable in of.items()
        }
        scope = graph.variable_scope.name if graph.variable_scope else ""
        within = f"{scope}/" if scope else ""
        with graph.as_default(), graph.name_scope(None):
            for _, v in grads_and_vars:
                for slot, start in starts:
                    if (slot, v) not in kept:
                        kept[slot, v] = Variable(
                            np.full(_lengths(v), start, v.dtype),
                            trainable=False,
                            name=f"{within}{v.op.name}/{slot_names.get(slot, slot)}",
                        )
                    self.slots.setdefault(slot, {})[v] = kept[slot, v]
            self.updates: Variable = (
                earlier[0].updates
                if earlier
                else Variable(np.int64(0), trainable=False, name=f"{within}{name}/updates")
            )
        if not counted and not earlier:
            graph.variables.remove(self.updates)
        self._state = type(started)
        self.lr = lr
        self._rows = [rows_of(g) if by_rows else [] for g, _ in grads_and_vars]
        inputs = [g for g, _ in grads_and_vars] + [ids for every in self._rows for ids in every]
        inputs += [lr] if lr is not None else []
        super().__init__(graph, "Apply", inputs, dims=None, dtype=None, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that moves the variables and slots."""
        optimizer, variables = self.optimizer, [v for _, v in self.grads_and_vars]
        names = [v.op.name for v in variables]
        slots = [self.slots.get(slot) for slot in self._state._fields[1:]]

        def applied(state: State, *values: Array) -> None:
            opt = optimizer
            if self.lr is not None:
                opt = replace(opt, lr=float(values[-1]))  # type: ignore[type-var]
                values = values[:-1]
            values, indices = values[: len(names)], iter(values[len(names) :])
            params = {name: state[v] for name, v in zip(names, variables, strict=True)}
            grads = dict(zip(names, values, strict=True))
            kept = [{v.op.name: state[of[v]] for v in variables} if of else {} for of in slots]
            done = int(state.get(self.updates, 0))
            moved, after = opt.update(params, grads, self._state(done, *kept))
            state[self.updates] = np.asarray(after[0], np.int64)
            for name, v, rows in zip(names, variables, self._rows, strict=True):
                new = {v: moved[name]}
                for of, values_of in zip(slots, after[1:], strict=True):
                    if of:
                        new[of[v]] = values_of[name]
                if rows:
                    ids = [next(indices) for _ in rows]
                    new = {u: taken(state[u], value, ids) for u, value in new.items()}
                state.update(new)

        return applied


def compute_gradients(
    loss: Node, variables: Sequence[Variable] | None = None
) -> list[tuple[Node | None, Variable]]:
    """Return the gradient of the sum of a loss for each variable, None where it has none.

    Raises
    ------
    UnconnectedError
        If the loss depends on none of the variables.

    Examples
    --------
    >>> from refnet.graph import Graph
    >>> with Graph().as_default():
    ...     w = Variable(2.0, name="w")
    ...     pairs = compute_gradients(w * w)
    >>> [v.name for _, v in pairs]
    ['w:0']
    """
    if variables is None:
        variables = [v for v in loss.graph.variables if v.trainable]
    floats = [v for v in variables if v.dtype is not None and is_float(v.dtype)]
    shares = dict(zip(floats, gradients(loss, floats, unconnected="none"), strict=True))
    found = [shares.get(v) for v in variables]  # None for a count, too
    if all(g is None for g in found):
        names = ", ".join(repr(v.name) for v in variables) or "no variables"
        raise UnconnectedError(
            f"minimize, node {loss.name!r}",
            got=f"{loss.name!r}, which depends on none of {names}",
            needs="a loss that depends on a variable that is trainable",
            cause="Is a stop_gradient, a cast to integers or an argmax in between?",
        )
    return list(zip(found, variables, strict=True))


def apply_gradients(
    optimizer: Elementwise[Any],
    grads_and_vars: Sequence[tuple[Node | None, Variable]],
    *,
    lr: Node | None = None,
    global_step: Variable | None = None,
    slot_names: Mapping[str, str] | None = None,
    counted: bool = True,
    by_rows: bool = False,
    earlier: Sequence[Apply] = (),
    name: str | None = None,
) -> Node:
    """Return the operation that moves variables by an optimizer, once per run.

    Parameters
    ----------
    optimizer : Elementwise
        An optimizer of ``rn.optimizers``, but for the look-ahead form of Nesterov.
    grads_and_vars : sequence of (node, Variable)
        Gradients, also ones that were changed on the way; None leaves its variable as it is.
    lr : node, optional
        A learning rate that is computed, in the place of the optimizer's.
    global_step : Variable, optional
        A variable of integers, which grows by 1.
    slot_names : mapping, optional
        Names for the variables of the optimizer's slots, which are made in this order.
    counted : bool
        Whether the number of updates is among the graph's variables, to be set back and saved with
        them. An optimizer that has no use for it, as plain gradient descent, needs none.
    by_rows : bool
        Whether of a matrix, of which the loss only takes rows by indices, the other rows stay as
        they are, and so their slots: TensorFlow's sparse updates.
    earlier : sequence of Apply, optional
        Updates by the same optimizer, whose slots and count of updates this one shares.

    Raises
    ------
    UnconnectedError
        If every gradient is None.
    GraphError
        If what is to be moved is no variable.
    OptionError
        If the optimizer takes its gradients elsewhere than at the variables.

    Examples
    --------
    >>> import refnet as rn
    >>> from refnet.graph import Graph, Session, global_variables_initializer
    >>> with Graph().as_default(), Session() as session:
    ...     w = Variable(2.0, name="w")
    ...     step = apply_gradients(rn.optimizers.SGD(0.1), compute_gradients(w * w))
    ...     session.run(global_variables_initializer())
    ...     session.run(step)
    ...     print(session.run(w))
    1.6
    """
    pairs = [(g, v) for g, v in grads_and_vars if g is not None]
    if not pairs:
        raise UnconnectedError(
            "apply_gradients",
            got="no gradient but None",
            needs="a gradient of one variable at least",
            cause="Does the loss depend on none of the variables?",
        )
    for g, v in pairs:
        if not isinstance(v, Variable):
            raise GraphError(
                "apply_gradients",
                got=f"{v!r} to be moved",
                needs="pairs of a gradient and a variable",
                cause="Are the pairs the other way round?",
            )
        if v.dims is not None and None not in v.dims and g.dims is not None:
            known = tuple([n for n in v.dims if n is not None])
            if not compatible(g.dims, known):
                raise ShapeError(
                    f"apply_gradients of {v.name!r}",
                    got=f"a gradient of shape {shown(g.dims)}",
                    needs=f"the variable's shape {shown(v.dims)}",
                    cause="Are gradients and variables in another order?",
                )
    probe = {"0": np.zeros(1)}
    if optimizer.gradient_point(probe, optimizer.init(probe)) is not probe:
        raise OptionError(
            "apply_gradients",
            got=f"{optimizer!r}, which takes gradients ahead of the variables",
            needs="an optimizer that takes them at the variables",
            cause="Nesterov's reformulated step is the one that a static graph can do.",
        )
    graph = pairs[0][1].graph
    called = name or type(optimizer).__name__
    update = Apply(optimizer, pairs, lr, slot_names or {}, counted, by_rows, earlier, called)
    if global_step is None:
        return update
    with graph.as_default(), graph.control_dependencies([update]):
        done = global_step.assign_add(1)
        return Group(graph, [update, done], f"{called}/update", "group_deps")


def minimize(
    loss: Node,
    optimizer: Elementwise[Any],
    variables: Sequence[Variable] | None = None,
    **options: Any,
) -> Node:
    """Return the operation of one training step: gradients of the sum of a loss, and the update.

    ``variables`` are the trainable ones by default; ``options`` are those of
    :func:`apply_gradients`.

    Examples
    --------
    >>> import refnet as rn
    >>> from refnet.graph import Graph, Session, global_variables_initializer
    >>> with Graph().as_default(), Session() as session:
    ...     w = Variable([2.0, 4.0], name="w")
    ...     step = minimize(w * w, rn.optimizers.SGD(0.25))
    ...     session.run(global_variables_initializer())
    ...     session.run(step)
    ...     print(session.run(w))
    [1. 2.]
    """
    made = apply_gradients(optimizer, compute_gradients(loss, variables), **options)
    for update in updates_of([made]):
        update.loss = loss
    return made


def updates_of(fetches: Sequence[Node]) -> list[Apply]:
    """Return the updates among all that a run of these nodes does."""
    return [n for n in topological_sort(fetches) if isinstance(n, Apply)]


def _lengths(variable: Variable) -> tuple[int, ...]:
    if variable.dims is None or None in variable.dims:
        raise ShapeError(
            f"minimize, variable {variable.name!r}",
            got=f"the shape {shown(variable.dims)}",
            needs="a shape of which every length is known",
            cause="Was its initial value made of a placeholder?",
        )
    return tuple([n for n in variable.dims if n is not None])
