"""refnet's own run of a program: its training steps, recorded, and taken again in other ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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

BEFORE = "before/"  # what a program itself set between two steps, as it was before the second
UPDATES = "updates/"  # how many updates an optimizer of refnet's has done
KINDS = ("loss", "gradient/", UPDATES, "slot/", "parameter/")


class Plan(NamedTuple):
    """What is to be evaluated so that a training step is taken again.

    ``fetches`` are the program's own, with losses and gradients; the other tables have the nodes
    by name, ``tensors`` the recording's name of each variable, and ``adams`` the updates by Adam,
    in the order in which they were made.
    """

    fetches: tuple[Node, ...]
    losses: dict[str, Node]
    gradients: dict[str, Node]
    feeds: dict[str, Node]
    draws: dict[str, Node]
    variables: dict[str, Variable]
    tensors: dict[str, str]
    adams: list[Apply]

    def step(
        self, feeds: Values, draws: Values, state: Values, dtype: np.dtype[Any] | None = None
    ) -> Values:
        """Return all that the step computes from a state, by the names of a recording.

        With ``dtype`` every float is taken, and computed, in it.
        """
        fed = {self.feeds[name]: a for name, a in feeds.items()}
        fed |= {self.draws[name]: a for name, a in draws.items()}
        before = {self.variables[name]: a for name, a in state.items()}
        wanted = [*self.losses.values(), *self.gradients.values(), *self.fetches]
        values, after = evaluate(wanted, fed, before, dtype=dtype)
        found = dict(zip([*self.losses, *self.gradients], values, strict=False))
        found |= {self.tensors[name]: after[v] for name, v in self.variables.items() if v in after}
        return {name: np.asarray(found[name]) for name in sorted(found, key=_order)}

    def powers(self, state: Values) -> list[tuple[float, float]]:
        """Return beta1^t and beta2^t, t the number of the update to come, for each Adam."""
        found = []
        for apply in self.adams:
            t = int(state.get(_name(apply.updates), np.int64(0))) + 1
            adam: Any = apply.optimizer
            found.append((adam.beta1**t, adam.beta2**t))
        return found

    def twin(self, mover: Mover, feeds: Values, draws: Values, state: Values) -> Values:
        """Return the step with the state, the feeds and the result of every operation moved.

        What is fed as 0 or 1 says which one of two, and draws say what is dropped: they stay.
        """
        moved = {name: uncertain_moved(mover, a) for name, a in feeds.items()}
        with every_result_moved(mover):
            return self.step(moved, draws, mover.values(state))


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
        fed = {table: {n: np.asarray(run.feeds[node]) for n, node in nodes.items()}
               for table, nodes in (("batch", plan.feeds), ("masks", plan.draws))}  # fmt: skip
        before, after = (
            {plan.tensors[n]: np.asarray(state[v]) for n, v in plan.variables.items() if v in state}
            for state in (run.before, run.after)
        )
        if own.steps == 1:
            recorder.write(0, before)
            kept = before
        moved = {n: a for n, a in before.items() if not np.array_equal(a, kept.get(n, np.nan))}
        state = {n: np.asarray(run.before[v]) for n, v in plan.variables.items() if v in run.before}
        found = plan.step(fed["batch"], fed["masks"], state)
        recorder.step(**named(**fed), **found, **{f"{BEFORE}{n}": a for n, a in moved.items()})
        kept = after

    reset_default_graph()
    try:
        with observed(see):
            own.printed = program.run(REFNET)
    finally:
        reset_default_graph()
    return own


class Before(NamedTuple):
    """What a recorded step started from: feeds, draws, and the state by the variables' names."""

    feeds: Values
    draws: Values
    state: Values


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


def gradient_name(variable: str, number: int) -> str:
    """Return the recording's name of a gradient by a training operation, the first or a later."""
    return f"gradient/{variable}" if not number else f"gradient/{variable}/{number + 1}"


def _plan(run: Run, applies: Sequence[Apply]) -> Plan:
    losses, gradients = {}, {}
    for i, apply in enumerate(applies):
        if apply.loss is not None:
            losses[loss_name(i, len(applies))] = apply.loss
        gradients |= {gradient_name(_name(v), i): g for g, v in apply.grads_and_vars}
    every = [n for n in run.session.graph.nodes if isinstance(n, Apply)]
    tensors = {}
    for apply in every:
        tensors[_name(apply.updates)] = f"{UPDATES}{apply.name}"
        for slot, table in apply.slots.items():
            tensors |= {_name(of): f"slot/{slot}/{_name(v)}" for v, of in table.items()}
    return Plan(
        fetches=run.fetches,
        losses=losses,
        gradients=gradients,
        feeds={_name(n): n for n in run.feeds if not isinstance(n, Random)},
        draws={_name(n): n for n in run.feeds if isinstance(n, Random)},
        variables={_name(v): v for v in run.after},
        tensors={n: tensors.get(n, f"parameter/{n}") for n in map(_name, run.after)},
        adams=[apply for apply in every if isinstance(apply.optimizer, Adam)],
    )


def _name(node: Node) -> str:
    return str(node.op.name)


def _order(name: str) -> int:
    return next(i for i, kind in enumerate(KINDS) if name.startswith(kind))
