"""refnet's own run of a program: its training steps, recorded, and taken again in other ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

from parity.backends.base import Array, Values
from parity.programs.program import REFNET, Program
from parity.trace import RecordedStep, Recorder
from parity.trace.names import named
from parity.trajectory.twins import Mover, every_result_moved, uncertain_moved
from refnet.graph import (
    Apply,
    Node,
    Random,
    Run,
    Variable,
    evaluate,
    observed,
    reset_default_graph,
    updates_of,
)
from refnet.optimizers import Adam

T = TypeVar("T")
BEFORE = "before/"  # what a program itself set between two steps, as it was before the second
UPDATES = "updates/"  # how many updates an optimizer of refnet's has done
KINDS = ("loss", "gradient/", UPDATES, "slot/", "parameter/")


class Before(NamedTuple):
    """What a recorded step started from: feeds, draws, and the state by the variables' names."""

    feeds: Values
    draws: Values
    state: Values


class Plan(NamedTuple):
    """What is to be evaluated so that a training step is taken again.

    ``fetches`` are the program's own, with losses and gradients; the other tables have the nodes
    by name, ``tensors`` the recording's name of each variable. ``applies`` are the updates that the
    step does, and ``adams`` the first update of each Adam in the graph, in the order of making.
    """

    fetches: tuple[Node, ...]
    losses: dict[str, Node]
    gradients: dict[str, Node]
    feeds: dict[str, Node]
    draws: dict[str, Node]
    variables: dict[str, Variable]
    tensors: dict[str, str]
    applies: list[Apply]
    adams: list[Apply]

    def step(
        self,
        before: Before,
        dtype: np.dtype[Any] | None = None,
        more: Mapping[Node, Array] | None = None,
    ) -> Values:
        """Return all that the step computes, by the names of a recording.

        With ``dtype`` every float is taken, and computed, in it; ``more`` nodes may be fed.
        """
        fed, state = self._by_node(before)
        wanted = [*self.losses.values(), *self.gradients.values(), *self.fetches]
        values, after = evaluate(wanted, {**fed, **(more or {})}, state, dtype=dtype)
        found = dict(zip([*self.losses, *self.gradients], values, strict=False))
        found |= {self.tensors[name]: after[v] for name, v in self.variables.items() if v in after}
        return {name: np.asarray(found[name]) for name in sorted(found, key=_order)}

    def twin(
        self, mover: Mover, before: Before, more: Mapping[Node, Array] | None = None
    ) -> Values:
        """Return the step with the state, the feeds and the result of every operation moved.

        What is fed as 0 or 1 says which one of two, and draws say what is dropped: they stay.
        """
        feeds = {name: uncertain_moved(mover, a) for name, a in before.feeds.items()}
        moved = Before(feeds, before.draws, mover.values(before.state))
        with every_result_moved(mover):
            return self.step(moved, more=more)

    def done(self, apply: Apply, state: Values) -> int:
        """Return how many updates an optimizer has done."""
        return int(state.get(_name(apply.updates), np.int64(0)))

    def rate(self, apply: Apply, before: Before) -> tuple[Node, Array] | None:
        """Return the node of a learning rate that is computed, and its value; None for others."""
        node = apply.lr
        if node is None:
            return None
        values, _ = evaluate([node], *self._by_node(before), dtype=np.float64)
        return node, values[0]

    def powers(self, state: Values) -> list[tuple[float, float]]:
        """Return beta1^t and beta2^t, t the number of the update to come, for each Adam.

        The decay rates are those of float32, which TensorFlow has.
        """
        found = []
        for apply in self.adams:
            adam: Any = apply.optimizer
            t = self.done(apply, state) + 1
            found.append((float(np.float32(adam.beta1)) ** t, float(np.float32(adam.beta2)) ** t))
        return found

    def _by_node(self, before: Before) -> tuple[dict[Node, Array], dict[Variable, Array]]:
        fed = {self.feeds[name]: a for name, a in before.feeds.items()}
        fed |= {self.draws[name]: a for name, a in before.draws.items()}
        return fed, {self.variables[name]: a for name, a in before.state.items()}


@dataclass
class Own:
    """What refnet's run of a program came to.

    Attributes
    ----------
    plans : list of Plan
        Those of the steps that are recorded.
    steps : int
        How many training steps there were, recorded or not.
    final : dict
        What was trained, after the last of them.
    printed : str
        What the program printed.
    """

    plans: list[Plan] = field(default_factory=list)
    steps: int = 0
    final: Values = field(default_factory=dict)
    printed: str = ""


def record(program: Program, recorder: Recorder, steps: int) -> Own:
    """Run a program on refnet to its end, and record its first training steps."""
    own = Own()
    kept: Values = {}
    trained: set[Variable] = set()

    def see(run: Run) -> None:
        nonlocal kept
        applies = updates_of(run.fetches)
        if not applies:
            return
        own.steps += 1
        trained.update(v for apply in applies for _, v in apply.grads_and_vars)
        own.final = {_name(v): np.asarray(run.after[v]) for v in trained if v in run.after}
        if own.steps > steps:
            return
        plan = _plan(run, applies)
        own.plans.append(plan)
        before = Before(
            {name: np.asarray(run.feeds[node]) for name, node in plan.feeds.items()},
            {name: np.asarray(run.feeds[node]) for name, node in plan.draws.items()},
            {n: np.asarray(run.before[v]) for n, v in plan.variables.items() if v in run.before},
        )
        state = {plan.tensors[name]: a for name, a in before.state.items()}
        if own.steps == 1:
            recorder.write(0, state)
            kept = state
        moved = {
            f"{BEFORE}{n}": a
            for n, a in state.items()
            if n not in kept or not np.array_equal(a, kept[n])
        }
        kept = plan.step(before)
        read = named(batch=before.feeds, masks=before.draws)
        recorder.step(**read, **kept, **moved)

    reset_default_graph()
    try:
        with observed(see):
            own.printed = program.run(REFNET)
    finally:
        reset_default_graph()
    return own


def before_of(plan: Plan, last: RecordedStep, step: RecordedStep) -> Before:
    """Return what a step started from, out of it and the one before it."""
    state = {}
    for name, tensor in plan.tensors.items():
        a = step.tensors.get(f"{BEFORE}{tensor}", last.tensors.get(tensor))
        if a is not None:
            state[name] = a
    return Before(step.batch, step.masks, state)


def computed(tensors: Mapping[str, Array]) -> Values:
    """Return what a step computed, without what it read, and without counts of updates."""
    kinds = tuple(kind for kind in KINDS if kind != UPDATES)
    return {name: a for name, a in tensors.items() if name.startswith(kinds)}


def loss_name(number: int, of: int) -> str:
    """Return the recording's name of the loss of a training operation, of several in a step."""
    return "loss" if of == 1 else f"loss/{number + 1}"


def by_gradient_name(tables: Sequence[Mapping[str, T]]) -> dict[str, T]:
    """Return gradients by their names in a recording, from those of each training operation.

    A variable that is moved by several has a number behind it from the second on.

    Examples
    --------
    >>> by_gradient_name([{"w": 0.1, "b": 0.2}, {"w": 0.3}])
    {'gradient/w': 0.1, 'gradient/b': 0.2, 'gradient/w/2': 0.3}
    """
    found: dict[str, T] = {}
    moved: Counter[str] = Counter()
    for table in tables:
        moved.update(table.keys())
        for variable, gradient in table.items():
            n = moved[variable]
            found[f"gradient/{variable}" + (f"/{n}" if n > 1 else "")] = gradient
    return found


def _plan(run: Run, applies: Sequence[Apply]) -> Plan:
    losses = {
        loss_name(i, len(applies)): apply.loss
        for i, apply in enumerate(applies)
        if apply.loss is not None
    }
    gradients = [{_name(v): g for g, v in apply.grads_and_vars} for apply in applies]
    every = [n for n in run.session.graph.nodes if isinstance(n, Apply)]
    # The updates of one optimizer share their count, and in TensorFlow its powers.
    optimizers: dict[Variable, Apply] = {}
    for apply in every:
        optimizers.setdefault(apply.updates, apply)
    tensors: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for apply in every:
        tensors.setdefault(_name(apply.updates), f"{UPDATES}{apply.name}")
        for slot, table in apply.slots.items():
            for v, of in table.items():
                if _name(of) not in tensors:
                    name = f"slot/{slot}/{_name(v)}"
                    taken[name] += 1  # by several optimizers
                    n = taken[name]
                    tensors[_name(of)] = name + (f"/{n}" if n > 1 else "")
    return Plan(
        fetches=run.fetches,
        losses=losses,
        gradients=by_gradient_name(gradients),
        feeds={_name(n): n for n in run.feeds if not isinstance(n, Random)},
        draws={_name(n): n for n in run.feeds if isinstance(n, Random)},
        variables={_name(v): v for v in run.after},
        tensors={n: tensors.get(n, f"parameter/{n}") for n in map(_name, run.after)},
        applies=list(applies),
        adams=[a for a in optimizers.values() if isinstance(a.optimizer, Adam)],
    )


def _name(node: Node) -> str:
    return str(node.op.name)


def _order(name: str) -> int:
    return next(i for i, kind in enumerate(KINDS) if name.startswith(kind))
