"""What explains the difference between a recorded run of a training case and refnet's own."""

from __future__ import annotations

import numpy as np

from parity.case import DTYPES, TrainingCase
from parity.cells import number
from parity.explain import causes
from parity.explain.changes import Change
from parity.explain.counterfactuals import (
    Counterfactual,
    as_given,
    every_unit_kept,
    first_masks,
    last_batch,
    next_batch,
    next_masks,
    samples_reversed,
)
from parity.explain.free import FOLLOWS, FORMULA, FreeRuns, shares
from parity.explain.onset import onset
from parity.explain.problem import Problem
from parity.explain.reading import read
from parity.explain.result import CUT, Explanation
from parity.explain.stages import Stages
from parity.explain.start import roundings
from parity.explain.updates import rules_tried
from parity.explain.verdict import UNEXPLAINED, faults, parted, rounding
from parity.trace import Recording

DECIMALS = (3, 6)  # to which counterfactual runs round the initial values


def explain(recording: Recording, case: TrainingCase | None = None) -> Explanation:
    """Return what explains the difference between a recorded run and refnet's.

    The run is one that :func:`parity.explain.record` wrote, or any recording whose info has
    ``dtype``, ``seed`` and, unless the case is handed over, the id of a ``case``. It is read a step
    at a time, at most three times.

    Raises
    ------
    SelectionError
        If the recording does not say which training case it is of, is not of that case's shapes,
        or does not hold every step from 0 on.
    """
    problem = Problem(recording, case)
    with np.errstate(all="ignore"):
        stages = Stages(problem)
        free = FreeRuns(problem, _counterfactuals(problem))
        steps = read(recording, problem.check, stages, free)
        rules = rules_tried(stages.update, recording, problem.dtype)
        fitting = [change for change, replay in rules if replay.agrees]
        apart = shares(free, recording, [_with_rule(problem, change) for change in fitting])
    tried = [
        *causes.of_start(stages),
        *causes.of_inputs(stages.inputs),
        *causes.of_gradient(problem, stages.gradients, stages.frozen),
        *causes.of_update(stages.update, rules, apart),
        *causes.of_runs(problem, free, stages.alike),
    ]
    own = free.share(free.plain.trail)
    grown = onset(free.envelope[: free.window + 1], first=1)
    found = faults(stages, tried)
    if found:
        explained, sentences = all(known for known, _ in found), [s for _, s in found]
        followers = [c.what for c in tried if c.stage == "run" and c.explains]
        followers += [c.what for c, share in zip(fitting, apart, strict=True) if share <= FOLLOWS]
        if not explained and followers:
            explained = True
            sentences.append(f"A run with {followers[0]} follows it.")
    elif own <= FOLLOWS or not free.window:
        explained, sentences = True, rounding(problem, free, grown, tried)
    else:
        explained, sentences = parted(problem, free)
    pairs = zip(free.distances, free.envelope, strict=True)
    return Explanation(
        what=f"{problem.case.id}, {problem.side} in {problem.dtype}, seed {problem.seed}"
        f"{recording.torn * CUT}",
        steps=steps,
        verdict=" ".join([*sentences, *[UNEXPLAINED] * (not explained)]),
        differs=bool(found) or own > FOLLOWS,
        explained=explained,
        causes=tried,
        horizon=free.horizon,
        onset=None if grown is None else grown.step,
        growth=[] if grown is None else [number(grown.before), number(grown.after)],
        first_flip=free.first_flip,
        flip=free.flip,
        printed=free.printed,
        distances=[[t, number(d), number(e)] for t, (d, e) in enumerate(pairs, start=1)],
    )


def _counterfactuals(problem: Problem) -> list[Counterfactual]:
    """Return the runs that differ in one thing from the case's own."""
    own = Counterfactual("", problem.trainer, problem.start, problem.dtype, as_given)
    made = dict(roundings(problem.start, problem.dtype))
    runs = [
        own._replace(what=what, params=made[what])
        for what in (f"initial values rounded to {n} decimals" for n in DECIMALS)
    ]
    if problem.batches.per_epoch > 1:  # else there is one batch
        runs.append(own._replace(what="batches read one step early", reading=next_batch))
        runs.append(own._replace(what="batches read one step late", reading=last_batch))
    if len(problem.batches.at(0)) > 2:
        runs.append(own._replace(what="masks of the step after", reading=next_masks))
        runs.append(own._replace(what="the first step's masks throughout", reading=first_masks))
        runs.append(own._replace(what="no unit dropped", reading=every_unit_kept))
    runs += [
        own._replace(
            what=f"{dtype} arithmetic",
            dtype=dtype,
            params={k: p.astype(np.dtype(dtype)) for k, p in problem.start.items()},
            rounding=True,
        )
        for dtype in DTYPES
        if dtype not in (problem.dtype, FORMULA)
    ]
    order = "sums over the batch in reverse order"
    return [*runs, own._replace(what=order, reading=samples_reversed, rounding=True)]


def _with_rule(problem: Problem, change: Change) -> Counterfactual:
    trainer = problem.trainer.with_optimizer(change.optimizer)
    return Counterfactual(change.what, trainer, problem.start, problem.dtype, as_given)
