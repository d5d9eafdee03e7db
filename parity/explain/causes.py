"""What every check and counterfactual run says, as causes that were tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import refnet as rn
from parity.cells import number
from parity.explain.changes import Change
from parity.explain.free import FOLLOWS, FreeRuns
from parity.explain.gradients import Gradients
from parity.explain.inputs import Inputs
from parity.explain.problem import Problem
from parity.explain.result import Cause
from parity.explain.stages import Stages
from parity.explain.updates import Replay
from parity.explain.words import listed
from parity.trajectory.lockstep import LIMIT


def of_start(stages: Stages) -> list[Cause]:
    """Return how the initial values are related to the case's."""
    if stages.start == "":
        return [Cause(stage="start", what="the initial values are the case's", explains=False)]
    what = stages.start or "other initial values"
    return [Cause(stage="start", what=what, explains=bool(stages.start))]


def of_inputs(inputs: Inputs) -> list[Cause]:
    """Return the first batch or mask that is not the case's."""
    if inputs.first is None:
        return [Cause(stage="inputs", what="every batch and mask is the case's", explains=False)]
    what = f"at step {inputs.first} it reads {inputs.found or inputs.other}"
    return [Cause(stage="inputs", what=what, explains=bool(inputs.found))]


def of_frozen(frozen: Sequence[str]) -> list[Cause]:
    """Return the parameters that had no gradient and never moved, if there are any."""
    what = f"there is no gradient of {listed(frozen)}" if frozen else ""
    note = "nor does anything move"
    return [Cause(stage="frozen", what=what, explains=True, note=note)] if frozen else []


def of_gradient(problem: Problem, found: Gradients) -> list[Cause]:
    """Return whether the gradients are the model's, or a multiple of them, or of another dtype."""
    common: dict[str, Any] = {"stage": "gradient", "limit": LIMIT}
    if not found.steps:
        what = "no gradient could be compared" if found.ended else "no gradients were recorded"
        return [Cause(stage="gradient", what=what, explains=False, note=found.ended)]
    if found.agrees:
        what = f"{'every' if found.whole else 'each recorded'} gradient is the model's"
        figure = number(found.worst)
        return [Cause(**common, what=what, explains=False, figure=figure, note=found.ended)]
    if found.is_multiple:
        what = f"every gradient is {found.factor:.6g} times the model's"
        systems, note = _reductions(problem, found.factor)
        return [
            Cause(
                **common,
                what=what,
                explains=True,
                figure=number(found.scaled),
                systems=systems,
                note=note,
            )
        ]
    what = f"the gradient is not the model's, from step {found.first} on, in {found.tensor}"
    dtype = found.computed_in
    narrow = Cause(
        stage="gradient",
        what=f"gradients computed in {dtype}",
        explains=True,
        note="they have no more digits, and are no farther off than that makes them",
    )
    own = Cause(**common, what=what, explains=False, figure=number(found.worst))
    return [own, narrow] if dtype else [own]


def _reductions(problem: Problem, factor: float) -> tuple[list[str], str]:
    """Return the systems whose reduction of the case's loss makes that factor, and which it is."""
    network = getattr(problem.trainer.model, "network", None)
    if network is None:
        return [], ""
    x, t, *_ = problem.batches.at(0)
    y = problem.trainer.predict({k: p.astype(x.dtype) for k, p in problem.start.items()}, x)
    own = _slope(network.loss, y, t, network.loss_options)
    systems: dict[str, list[str]] = {}
    for (system, name), convention in rn.conventions.items():
        reduction = convention.fields.get("reduction")
        if name == network.loss.name and reduction is not None:
            options = {**network.loss_options, "reduction": reduction}
            if math.isclose(_slope(network.loss, y, t, options) / own, factor, rel_tol=1e-6):
                systems.setdefault(reduction, []).append(system)
    words = [
        f"{network.loss.name} with reduction={r!r}" + ", summed by the optimizer" * (r == "none")
        for r in systems
    ]
    return sorted({s for names in systems.values() for s in names}), " or ".join(words)


def _slope(loss: Any, y: Any, t: Any, options: dict[str, Any]) -> float:
    """Return the size of the loss's gradient, a loss of several values summed."""
    value = loss(y, t, **options)
    (dy, *_) = loss.vjp(np.ones_like(value), y, t, **options)
    return float(np.abs(dy).sum())


def of_update(
    own: Replay, rules: Sequence[tuple[Change, Replay]], shares: Sequence[float]
) -> list[Cause]:
    """Return whether the update rule is the optimizer's, and every change of it that was tried.

    ``shares`` says how near the changes that fit come in runs of their own. Two changes may make
    the same updates of given gradients, and yet take these at different points: where the run of
    one follows, the changes whose runs do not are none that explain it.
    """
    common: dict[str, Any] = {"stage": "update", "limit": LIMIT}
    if not own.steps:
        what = "no update could be replayed"
        return [Cause(stage="update", what=what, explains=False, note=own.ended)]
    if own.agrees:
        what = "every update is the optimizer's"
        figure = number(own.worst)
        return [Cause(**common, what=what, explains=False, figure=figure, note=own.ended)]
    followed = any(share <= FOLLOWS for share in shares)
    what = f"the update is not the optimizer's, from step {own.first} on, in {own.tensor}"
    found = [Cause(**common, what=what, explains=False, figure=number(own.worst))]
    for i, (change, replay) in enumerate(rules):
        note = replay.ended or f"fails at step {replay.first}"
        left = False
        if replay.agrees:
            note = f"a run with it is {shares[i]:.2g} envelopes away" if i < len(shares) else ""
            left = followed and not shares[i] <= FOLLOWS
        found.append(
            Cause(
                **common,
                what=change.what,
                explains=replay.agrees and not left,
                figure=number(replay.worst),
                systems=change.systems,
                note=note,
            )
        )
    return found


def of_runs(problem: Problem, free: FreeRuns, alike: bool) -> list[Cause]:
    """Return how far the counterfactual runs come from the run, in envelopes.

    Rounding explains a run whose stages are all ``alike``.
    """
    common: dict[str, Any] = {"stage": "run", "limit": FOLLOWS}
    apart = not free.share(free.plain.trail) <= FOLLOWS
    found = [
        Cause(
            **common,
            what=f"rounding in {problem.dtype}",
            explains=alike and not apart,
            figure=number(free.share(free.distances)),
        )
    ]
    for other in free.others:
        share = free.share(other.trail)
        note = "the difference that it makes by itself"
        if not other.run.rounding:
            left = free.leaves(other.trail)
            when = "at once" if left == 1 else f"from step {left} on"
            at = "" if left is None else f"by {other.trail[left - 1]:.1e} of the parameters"
            note = "" if left is None else f"that run differs {when}, {at}"
        found.append(
            Cause(
                **common,
                what=other.run.what,
                explains=apart and not other.run.rounding and share <= FOLLOWS,
                figure=number(share),
                note=note,
            )
        )
    return found
