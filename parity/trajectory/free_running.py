"""Free-running: every side follows its own state, and the distance between them is watched.

Distances are relative to the parameters of refnet's plain run. The *envelope* is the largest
distance that any twin has reached so far. The *horizon* is the first step at which the envelope
exceeds 1e-4, or at which a branch differs between the plain run and the backend: from there on a
difference is no longer that of rounding a smooth function, and nothing is claimed step by step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from parity.backends.base import Step, Trainer, Values
from parity.trajectory.data import Batch, Batches, in_dtype
from parity.trajectory.lockstep import Sides, State
from parity.trajectory.twins import Mover, TwinError, twin_step

TWINS = 5
ENVELOPE = 1e-4
POINTS = 20  # rows of the table of losses
_DECISIONS = {
    "class": "the class of a sample",
    "pool": "the largest cell of a window",
    "relu": "the sign of a relu",
}


class Free(NamedTuple):
    """What a free-running comparison showed."""

    steps: int
    followed: int  # steps for which twins were run
    horizon: int | None
    reason: str
    growth: float | None  # of the envelope, as a factor per step
    distance: float | None  # of the backend at the last step before the horizon
    envelope: float | None  # of the twins, there
    losses: list[tuple[int, float, float]]
    finals: tuple[Values, Values]  # parameters of subject and backend at the end


def free_running(
    sides: Sides,
    params: Values,
    batches: Batches,
    dtype: str,
    key: str,
    steps: int,
    follow: int,
    tick: Callable[[], None] = lambda: None,
) -> Free:
    """Run every side for ``steps`` updates and its twins for the first ``follow`` of them."""
    plain = sides.plain
    start = State(params, plain.slots(params), 0)
    states = {"plain": start, "subject": start, "backend": start}
    trainers = {"plain": plain, "subject": sides.subject, "backend": sides.backend}
    if sides.subject is plain:  # refnet as the subject is its own plain run
        del states["subject"], trainers["subject"]
    twins = [(Mover(f"{key}|free twin {j}"), start) for j in range(TWINS)]
    trail: list[tuple[float, float]] = []  # distance of the backend, envelope
    horizon, reason = None, ""
    losses: list[tuple[float, float]] = []
    for t in range(steps):
        batch = in_dtype(batches.at(t), dtype)
        taken = {name: trainers[name].step(*states[name], *batch) for name in states}
        states = {name: State(s.params, s.slots, t + 1) for name, s in taken.items()}
        mine = taken.get("subject", taken["plain"])
        losses.append((float(mine.loss), float(taken["backend"].loss)))
        tick()
        if horizon is not None or t >= follow:
            continue
        flipped = _flipped(taken["plain"], taken["backend"])
        try:
            twins = [(mover, _moved(plain, mover, state, batch)) for mover, state in twins]
        except TwinError as error:
            horizon, reason = t + 1, str(error)
            continue
        reached = max(_distance(state.params, states["plain"].params) for _, state in twins)
        envelope = max(reached, trail[-1][1] if trail else 0.0)
        if flipped:
            horizon, reason = t + 1, f"{flipped} differs"
        elif envelope > ENVELOPE:
            horizon, reason = t + 1, f"the twins are {envelope:.1e} apart"
        else:
            distance = _distance(states["backend"].params, states["plain"].params)
            trail.append((distance, envelope))
    last = trail[-1] if trail else (None, None)
    ends = states.get("subject", states["plain"]).params, states["backend"].params
    return Free(
        steps=steps,
        followed=min(steps, follow),
        horizon=horizon,
        reason=reason,
        growth=_growth([e for _, e in trail]),
        distance=last[0],
        envelope=last[1],
        losses=_averaged(losses),
        finals=ends,
    )


def _moved(plain: Trainer, mover: Mover, state: State, batch: Batch) -> State:
    step = twin_step(plain, mover, *state, batch)
    return State(step.params, step.slots, state.done + 1)


def _distance(a: Values, b: Values) -> float:
    gap = math.fsum(float(((a[name] - b[name]).astype(np.float64) ** 2).sum()) for name in b)
    size = math.fsum(float((b[name].astype(np.float64) ** 2).sum()) for name in b)
    return math.sqrt(gap / size) if size else (math.inf if gap else 0.0)


def _flipped(a: Step, b: Step) -> str:
    for name, mine in a.branches.items():
        theirs = b.branches.get(name)
        if theirs is not None and not np.array_equal(mine, theirs):
            return _DECISIONS[name.split()[0]]
    return ""


def _growth(envelope: list[float]) -> float | None:
    """Return the factor per step by which the envelope grew, from its first value to its last."""
    known = [(i, e) for i, e in enumerate(envelope) if e > 0]
    if len(known) < 2:
        return None
    (i, first), (j, last) = known[0], known[-1]
    return float((last / first) ** (1 / (j - i)))


def _averaged(losses: list[tuple[float, float]]) -> list[tuple[int, float, float]]:
    """Return the mean losses of subject and backend over each of up to POINTS stretches."""
    each = max(1, -(-len(losses) // POINTS))
    rows = []
    for start in range(0, len(losses), each):
        part = losses[start : start + each]
        a, b = (math.fsum(column) / len(part) for column in zip(*part, strict=True))
        rows.append((start + len(part), a, b))
    return rows
