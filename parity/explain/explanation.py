"""What explains the difference between a recorded run and refnet's own."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from parity.case import DTYPES
from parity.cells import number
from parity.errors import SelectionError
from parity.explain.changes import Change, changes
from parity.explain.counterfactuals import (
    Counterfactual,
    as_given,
    every_unit_kept,
    next_batch,
    next_masks,
    samples_reversed,
)
from parity.explain.free import FOLLOWS, FORMULA, FreeRuns
from parity.explain.growth import Growth, growth
from parity.explain.problem import Problem
from parity.explain.stages import Stages
from parity.explain.start import roundings
from parity.explain.updates import Replay
from parity.result import Number
from parity.trace import RecordedStep, Recording
from parity.trajectory.lockstep import LIMIT

DECIMALS = (3, 6)  # to which counterfactual runs round the initial values


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was tried: what, whether it explains the difference, and its figure.

    ``figure`` is a distance on the scale of rounding, in which ``limit`` is what two correct runs
    keep to.
    """

    stage: str
    what: str
    explains: bool
    figure: Number | None = None
    limit: float | None = None
    systems: list[str] = []
    note: str = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    case: str
    side: str
    dtype: str
    seed: int
    steps: int
    verdict: str
    differs: bool  # by more than rounding, or by rounding beyond the horizon
    explained: bool
    causes: list[Cause]  # everything that was tried, in the order in which a step computes things
    horizon: int | None
    onset: int | None  # from which step on the envelope grows
    growth: list[Number]  # factors per step, before and after
    first_flip: int | None
    flip: str
    printed: int | None  # the first step at which parameters printed to 3 decimals show it
    distances: list[list[Number]]  # step, distance from refnet in float64, the twins' envelope


def explain(recording: Recording) -> Explanation:
    """Return what explains the difference between a recorded run and refnet's.

    The run is one that :func:`parity.explain.record` wrote, or any recording whose info has
    ``case``, ``dtype`` and ``seed``. It is read a step at a time, at most three times.

    Raises
    ------
    SelectionError
        If the recording does not say which training case it is of, or holds no update.
    """
    problem = Problem(recording)
    with np.errstate(all="ignore"):
        stages = Stages(problem)
        free = FreeRuns(problem, _counterfactuals(problem))
        steps = _read(recording, stages.begin, lambda before, step: (stages(before, step), free(step)))
        if not steps:
            raise SelectionError(
                "explain",
                got=f"{recording.path} without an update",
                needs="a recording of step 0 and of at least one update",
                cause="Was the run ended before its first update?",
            )
        rules = _rules_tried(problem, stages)
        winners = [c for c, replay in rules if replay.agrees][:1]
        final = FreeRuns(problem, [_with_rule(problem, c) for c in winners])
        if winners:
            _read(recording, lambda _: None, lambda _, step: final(step))
    causes = [
        *_start(stages),
        *_inputs(stages),
        *_gradient(problem, stages),
        *_update(stages, rules, final),
        *_free(problem, free),
    ]
    return _verdict(problem, stages, free, causes, steps)


def _read(recording: Recording, begin: Any, take: Any) -> int:
    """Read a recording once: hand step 0 to ``begin``, and each later one to ``take``."""
    before: RecordedStep | None = None
    for step in recording:
        if before is None:
            begin(step)
        else:
            take(before, step)
        before = step
    return 0 if before is None else before.step


def _counterfactuals(problem: Problem) -> list[Counterfactual]:
    """Return the runs that differ in one thing from the case's own."""
    own = Counterfactual("", problem.trainer, problem.start, problem.dtype, as_given)
    made = roundings(problem.start, problem.dtype)
    named = {f"initial values rounded to {n} decimals" for n in DECIMALS}
    runs = [own._replace(what=what, params=p) for what, p in made if what in named]
    runs.append(own._replace(what="batches read one step early", reading=next_batch))
    if len(problem.batches.at(0)) > 2:
        runs.append(own._replace(what="masks of the step after", reading=next_masks))
        runs.append(own._replace(what="no unit dropped", reading=every_unit_kept))
    runs += [
        own._replace(
            what=f"{dtype} arithmetic",
            dtype=dtype,
            params={k: p.astype(np.dtype(dtype)) for k, p in problem.start.items()},
            rounding=True,
        )
        for dtype in DTYPES
        if dtype != problem.dtype
    ]
    order = "sums over the batch in reverse order"
    return [*runs, own._replace(what=order, reading=samples_reversed, rounding=True)]


def _rules_tried(problem: Problem, stages: Stages) -> list[tuple[Change, Replay]]:
    """Return the conventions' changes of the update rule, each replayed, if the rule is another."""
    if stages.update is None or stages.update.agrees:
        return []
    every = changes(problem.trainer.optimizer)
    replays: list[Replay] = []

    def begin(step: RecordedStep) -> None:
        replays.extend(
            Replay(c.optimizer, step.parameters, problem.dtype, LIMIT) for c in every
        )

    def take(before: RecordedStep, step: RecordedStep) -> None:
        for replay in replays:
            if replay.first is None:  # one that has failed is done
                replay(step.step, before.parameters, step.gradients, step.parameters)

    _read(problem.recording, begin, take)
    return sorted(
        zip(every, replays, strict=True), key=lambda pair: (pair[1].worst > LIMIT, pair[0].size)
    )


def _with_rule(problem: Problem, change: Change) -> Counterfactual:
    trainer = problem.trainer.with_optimizer(change.optimizer)
    return Counterfactual(change.what, trainer, problem.start, problem.dtype, as_given)


def _start(stages: Stages) -> list[Cause]:
    if stages.starts_alike:
        return [Cause(stage="start", what="the initial values are the case's", explains=False)]
    what = stages.rounded or "the initial values are others"
    return [Cause(stage="start", what=what, explains=bool(stages.rounded))]


def _inputs(stages: Stages) -> list[Cause]:
    inputs = stages.inputs
    if inputs.first is None:
        return [Cause(stage="inputs", what="every batch and mask is the case's", explains=False)]
    what = f"at step {inputs.first} it reads {inputs.found or f'another {inputs.what}'}"
    return [Cause(stage="inputs", what=what, explains=bool(inputs.found))]


def _gradient(problem: Problem, stages: Stages) -> list[Cause]:
    g = stages.gradients
    if not g.steps:
        return [Cause(stage="gradient", what="no gradients were recorded", explains=False)]
    common: dict[str, Any] = {"stage": "gradient", "limit": LIMIT}
    if g.agrees:
        what = "every gradient is the model's, at the run's own parameters"
        return [Cause(**common, what=what, explains=False, figure=number(g.worst))]
    first = f"from step {g.first} on, in {g.tensor}"
    if not g.is_multiple:
        what = f"the gradient is not the model's, {first}"
        return [Cause(**common, what=what, explains=False, figure=number(g.worst))]
    what = f"every gradient is {g.factor:.6g} times the model's"
    size = problem.batches.size
    note = ""
    if size > 1 and math.isclose(g.factor, size):
        note = f"{size} is the batch size: a sum over the batch where the case has its mean"
    elif size > 1 and math.isclose(g.factor, 1 / size):
        note = f"{size} is the batch size: a mean over the batch where the case has its sum"
    return [Cause(**common, what=what, explains=True, figure=number(g.scaled), note=note)]


def _update(
    stages: Stages, rules: list[tuple[Change, Replay]], final: FreeRuns
) -> list[Cause]:
    own = stages.update
    if own is None or not own.steps:
        return [Cause(stage="update", what="no update could be replayed", explains=False)]
    common: dict[str, Any] = {"stage": "update", "limit": LIMIT}
    if own.agrees:
        what = "every update is the optimizer's, of the run's own gradients"
        return [Cause(**common, what=what, explains=False, figure=number(own.worst))]
    what = f"the update is not the optimizer's, from step {own.first} on, in {own.tensor}"
    found = [Cause(**common, what=what, explains=False, figure=number(own.worst))]
    for i, (change, replay) in enumerate(rules):
        note = ""
        if replay.agrees and i == 0:
            followed = final.share(final.others[0].trail)
            note = f"on its own it stays within {followed:.2g} envelopes of the run"
        elif not replay.agrees:
            note = f"fails at step {replay.first}"
        cause = Cause(
            **common,
            what=change.what,
            explains=replay.agrees,
            figure=number(replay.worst),
            systems=list(change.systems),
            note=note,
        )
        found.append(cause)
    return found


def _free(problem: Problem, free: FreeRuns) -> list[Cause]:
    own = free.share(free.plain.trail)
    apart = not own <= FOLLOWS
    found = [
        Cause(
            stage="run",
            what=f"rounding in {problem.dtype}",
            explains=not apart,
            figure=number(free.share(free.distances)),
            limit=FOLLOWS,
        )
    ]
    for other in free.others:
        share = free.share(other.trail)
        if other.run.rounding:
            # It explains a difference of the size that it makes, neither less nor far more.
            pairs = list(zip(free.distances, other.trail, strict=True))[: free.window]
            alike = all(d <= FOLLOWS * max(c, free.u) and c <= FOLLOWS * max(d, free.u) for d, c in pairs)
            what, explains = other.run.what, apart and alike
            note = f"makes a difference of {share:.2g} envelopes"
        else:
            left = free.leaves(other.trail)
            what, explains = other.run.what, apart and share <= FOLLOWS
            note = "" if left is None else _left(other.trail, left)
        found.append(
            Cause(
                stage="run",
                what=what,
                explains=explains,
                figure=number(share),
                limit=FOLLOWS,
                note=note,
            )
        )
    return found


def _left(trail: list[float], step: int) -> str:
    when = "at once" if step == 1 else f"from step {step} on"
    return f"that run differs {when}: {trail[step - 1]:.1e} of the parameters"


def _verdict(
    problem: Problem, stages: Stages, free: FreeRuns, causes: list[Cause], steps: int
) -> Explanation:
    own = free.share(free.plain.trail)
    grown = growth(free.envelope[: free.window + 1], first=1)
    faults = [*_stage_faults(stages, causes)]
    differs = bool(faults) or not own <= FOLLOWS or free.horizon is not None
    if faults:
        explained, sentences = all(known for known, _ in faults), [s for _, s in faults]
    elif own <= FOLLOWS:
        explained, sentences = True, _rounding(problem, free, grown, causes)
    else:
        explained, sentences = _parted(problem, free)
    if not explained:
        sentences.append("None of these explains the difference.")
    rows = zip(free.distances, free.envelope, strict=True)
    return Explanation(
        case=problem.case.id,
        side=problem.side,
        dtype=problem.dtype,
        seed=problem.seed,
        steps=steps,
        verdict=" ".join(sentences),
        differs=differs,
        explained=explained,
        causes=causes,
        horizon=free.horizon,
        onset=None if grown is None else grown.onset,
        growth=[] if grown is None else [number(grown.before), number(grown.after)],
        first_flip=free.first_flip,
        flip=free.flip,
        printed=free.printed,
        distances=[[t, number(d), number(e)] for t, (d, e) in enumerate(rows, start=1)],
    )


def _stage_faults(stages: Stages, causes: list[Cause]) -> list[tuple[bool, str]]:
    """Return what went wrong in each stage, and whether it is known how, in causal order."""
    found = []
    by_stage = {stage: [c for c in causes if c.stage == stage] for stage in ("gradient", "update")}
    if not stages.starts_alike:
        how = f"It begins with {stages.rounded}." if stages.rounded else "It begins with others."
        found.append((bool(stages.rounded), how))
    if stages.inputs.first is not None:
        found.append((bool(stages.inputs.found), f"A{_inputs(stages)[0].what[1:]}."))
    if not stages.gradients.agrees:
        (cause,) = by_stage["gradient"]
        note = f" ({cause.note})" if cause.note else ""
        found.append((cause.explains, f"{cause.what.capitalize()}{note}."))
    if stages.update is not None and not stages.update.agrees:
        own, *tried = by_stage["update"]
        winner = next((c for c in tried if c.explains), None)
        if winner is None:
            last = f"of {len(tried)} changes that conventions know, none gives it"
            found.append((False, f"{own.what.capitalize()}; {last}."))
        else:
            systems = ", ".join(winner.systems)
            last = f"with {winner.what}, as {systems} {'has' if len(winner.systems) == 1 else 'have'} it, it is"
            found.append((True, f"{own.what.capitalize()}; {last}."))
    return found


def _rounding(
    problem: Problem, free: FreeRuns, grown: Growth | None, causes: list[Cause]
) -> list[str]:
    share = free.share(free.distances)
    where = "up to the horizon" if free.horizon is not None else "throughout"
    said = [
        f"Rounding in {problem.dtype} explains the difference: {where} the run is at most "
        f"{share:.2g} times as far from refnet in {FORMULA} as the twins come apart."
    ]
    if grown is not None and free.horizon is not None:
        at = grown.onset - 1
        end = free.horizon - 1
        said.append(
            f"The difference is amplified from step {grown.onset} on, {grown.after:.2f} times a "
            f"step ({grown.before:.2f} before): from {free.distances[at]:.1e} of the parameters "
            f"there to {free.distances[end]:.1e} at step {free.horizon}, the horizon."
        )
    if free.printed is not None:
        said.append(
            f"Parameters printed to 3 decimals show it from step {free.printed} on."
        )
    for other in causes:
        if other.what.startswith("initial values rounded") and other.note:
            said.append(f"{other.what.capitalize()} do not explain it: {other.note}.")
    return said


def _parted(problem: Problem, free: FreeRuns) -> tuple[bool, list[str]]:
    """Say where runs parted that agree in every stage: at a branch, or for no reason known."""
    left = free.leaves(free.plain.trail)
    if free.first_flip is not None and left is not None and free.first_flip <= left:
        return True, [
            f"Every stage agrees up to rounding in {problem.dtype}; the runs part at step {left}, "
            f"after {free.flip} at step {free.first_flip}."
        ]
    return False, [f"Every stage agrees, and yet the runs part at step {left}."]
