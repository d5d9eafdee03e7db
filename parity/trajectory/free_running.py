"""Free-running: every side follows its own state, and the distance between them is watched.

Distances are relative to the parameters of refnet's plain run. The *envelope* is the largest
distance that any twin has reached so far. The *horizon* is the first step at which the envelope
exceeds 1e-4, or at which a branch differs between the plain run and the backend: from there on a
difference is no longer that of rounding a smooth function, and nothing is claimed step by step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from parity.backends.base import Array, Step, Trainer, Values
from parity.trajectory.data import Batch
from parity.trajectory.lockstep import Sides, State
from parity.trajectory.twins import Mover, TwinError, twin_step

TWINS = 5
ENVELOPE = 1e-4
POINTS = 20  # rows of the table of losses, and points of the trail
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
    trail: list[tuple[int, float, float]]  # updates, distance and envelope at them
    finals: tuple[Values, Values]  # parameters of subject and backend at the end


@dataclass(slots=True)
class Running:
    """How far a free-running comparison has come: everything that is needed to go on.

    Attributes
    ----------
    states : dict
        The state of ``plain`` and ``backend``, and of ``subject`` unless it is the plain run.
    twins : list of State
        Those of the twins; none once they are no longer followed.
    losses : list
        Of subject and backend, by update.
    trail : list
        The backend's distance and the envelope after each update before the horizon.
    horizon, reason
        The horizon, once it is met, and why.
    """

    states: dict[str, State]
    twins: list[State]
    losses: list[tuple[float, float]] = field(default_factory=list)
    trail: list[tuple[float, float]] = field(default_factory=list)
    horizon: int | None = None
    reason: str = ""


def start(sides: Sides, params: Values) -> Running:
    """Return the comparison before its first update."""
    state = State(params, sides.plain.slots(params), 0)
    # refnet as the subject is its own plain run
    subject = () if sides.subject is sides.plain else ("subject",)
    return Running(dict.fromkeys(("plain", *subject, "backend"), state), [state] * TWINS)


def advance(sides: Sides, running: Running, batch: Batch, key: str, follow: int) -> None:
    """Take the next update of every side, and of its twins while they are followed.

    The twins' bits belong to ``key`` and the update, so that nothing else than ``running`` is
    needed to go on.
    """
    t = len(running.losses)
    taken = {name: getattr(sides, name).step(*s, *batch) for name, s in running.states.items()}
    running.states = {name: State(s.params, s.slots, t + 1) for name, s in taken.items()}
    mine = taken.get("subject", taken["plain"])
    running.losses.append((float(mine.loss), float(taken["backend"].loss)))
    if running.horizon is None and t < follow:
        _follow(sides.plain, running, taken, batch, Mover(f"{key}|free twins|step {t}"))
    if running.horizon is not None or t + 1 >= follow:
        running.twins = []


def _follow(
    plain: Trainer, running: Running, taken: dict[str, Step], batch: Batch, mover: Mover
) -> None:
    """Take the twins along, and notice the horizon."""
    flipped = flipped_branch(taken["plain"].branches, taken["backend"].branches)
    met = f"{flipped} differs" if flipped else ""
    distance, envelope = 0.0, 0.0
    try:
        running.twins = [_moved(plain, mover, state, batch) for state in running.twins]
    except TwinError as error:
        met = str(error)
    else:
        found = [*(s.params for s in running.twins), taken["backend"].params]
        *reached, distance = relative_distances(found, taken["plain"].params)
        envelope = float(np.max([*reached, *(e for _, e in running.trail[-1:])]))
        if not (met or envelope <= ENVELOPE):
            met = f"the twins are {envelope:.1e} apart"
    if met:
        running.horizon, running.reason = len(running.losses), met
    else:
        running.trail.append((distance, envelope))


def summed_up(running: Running, follow: int) -> Free:
    """Return what a comparison has shown."""
    last = running.trail[-1] if running.trail else (None, None)
    ends = running.states
    return Free(
        steps=len(running.losses),
        followed=min(len(running.losses), follow),
        horizon=running.horizon,
        reason=running.reason,
        growth=_growth([e for _, e in running.trail]),
        distance=last[0],
        envelope=last[1],
        losses=_averaged(running.losses),
        trail=_sampled(running.trail),
        finals=(ends.get("subject", ends["plain"]).params, ends["backend"].params),
    )


def _moved(plain: Trainer, mover: Mover, state: State, batch: Batch) -> State:
    step = twin_step(plain, mover, *state, batch)
    return State(step.params, step.slots, state.done + 1)


def _joined(params: Values) -> Array:
    """Return every parameter in one long array of float64."""
    return np.concatenate([params[name].ravel() for name in sorted(params)], dtype=np.float64)


def relative_distance(a: Values, b: Values) -> float:
    """Return |a - b| / |b| over every value; infinity where b is zero and a is not."""
    return relative_distances([a], b)[0]


def relative_distances(found: Sequence[Values], params: Values) -> list[float]:
    """Return how far each of ``found`` is from ``params``, relative to their size."""
    at = _joined(params)
    size = np.sqrt((at**2).sum())
    gaps = [np.sqrt(((_joined(values) - at) ** 2).sum()) for values in found]
    return [float(gap / size) if size else (math.inf if gap else 0.0) for gap in gaps]


def flipped_branch(a: Values, b: Values) -> str:
    """Return which of the branches that two steps recorded differs first, or an empty text."""
    for name, mine in a.items():
        theirs = b.get(name)
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


def _sampled(trail: list[tuple[float, float]]) -> list[tuple[int, float, float]]:
    """Return up to POINTS rows of a trail, evenly, the first and the last among them."""
    last = len(trail) - 1
    n = min(len(trail), POINTS)
    chosen = [i * last // max(n - 1, 1) for i in range(n)]
    return [(i + 1, _shortened(trail[i][0]), _shortened(trail[i][1])) for i in chosen]


def _shortened(x: float) -> float:
    return float(f"{x:.4g}")  # enough for a picture
