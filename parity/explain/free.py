"""Refnet's runs beside the run that is explained, each on its own state: how far apart they get."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from parity.backends.base import Values, cast_values
from parity.bounds.base import arithmetic
from parity.explain.counterfactuals import Counterfactual, Follower, as_given
from parity.explain.distance import printed_alike
from parity.explain.problem import Problem
from parity.explain.reading import read
from parity.trace import RecordedStep
from parity.trajectory.free_running import ENVELOPE, flipped_branch, relative_distance
from parity.trajectory.twins import Mover

TWINS = 5
FOLLOWS = 10.0  # times the envelope: how far apart two correct runs may be before the horizon
FORMULA = "float64"  # the dtype of the reference run, next to which rounding shows


class FreeRuns:
    """The reference run, the plain run with its twins, and the counterfactual runs.

    ``distances`` has the distance of the explained run from the reference after every step,
    ``envelope`` the largest that any twin has been from the plain run up to there. ``printed`` is
    the step from which on the parameters differ at every step when printed to 3 decimals.
    """

    def __init__(self, problem: Problem, runs: Iterable[Counterfactual]) -> None:
        self.problem, self.batches = problem, problem.batches
        self.u = arithmetic(problem.dtype).u
        given = Counterfactual("refnet", problem.trainer, problem.start, problem.dtype, as_given)
        self.plain = Follower(given)
        self.twins = [Follower(given, Mover(f"explain twin {j}")) for j in range(TWINS)]
        wide = cast_values(problem.start, FORMULA)
        self.reference = (
            self.plain
            if problem.dtype == FORMULA
            else Follower(given._replace(params=wide, dtype=FORMULA))
        )
        self.others = [Follower(run) for run in runs]
        self.distances: list[float] = []
        self.envelope: list[float] = []
        self.first_flip: int | None = None
        self.flip = ""
        self.printed: int | None = None
        self.horizon: int | None = None

    def __call__(self, _: RecordedStep, step: RecordedStep) -> None:
        """Take one step of every run, and measure how far each has come from ``step``."""
        every = {id(f): f for f in (self.reference, self.plain, *self.twins, *self.others)}
        for follower in every.values():
            follower.advance(self.batches)
        got, reference = step.parameters, self.reference.state.params
        self.distances.append(self.reference.watch(got))
        if self.plain is not self.reference:
            self.plain.watch(got)
        reached = [_apart(twin, self.plain.state.params) for twin in self.twins]
        self.envelope.append(float(np.max([*reached, *self.envelope[-1:]])))  # NaN stays
        for other in self.others:
            if other.run.rounding:
                other.trail.append(_apart(other, reference))
            else:
                other.watch(got)
        if self.horizon is None and not self.envelope[-1] <= ENVELOPE:
            self.horizon = step.step
        if self.first_flip is None:
            self.flip = flipped_branch(self.plain.branches, step.branches)
            self.first_flip = step.step if self.flip else None
        if printed_alike(reference, got):
            self.printed = None
        elif self.printed is None:
            self.printed = step.step

    @property
    def window(self) -> int:
        """The number of steps before the horizon."""
        return len(self.envelope) if self.horizon is None else self.horizon - 1

    def share(self, trail: list[float]) -> float:
        """Return the largest distance before the horizon, in envelopes; NaN for a window of 0."""
        pairs = zip(trail[: self.window], self.envelope, strict=False)
        return max((d / max(e, self.u) for d, e in pairs), default=float("nan"))

    def leaves(self, trail: list[float]) -> int | None:
        """Return the first step at which a distance is more than rounding makes it."""
        for i, (d, e) in enumerate(zip(trail, self.envelope, strict=True), start=1):
            if not d <= FOLLOWS * max(e, self.u):
                return i
        return None


def shares(
    free: FreeRuns, recording: Iterable[RecordedStep], runs: Iterable[Counterfactual]
) -> list[float]:
    """Return how far further runs are from the recorded one, which is read for it, in envelopes."""
    followers = [Follower(run) for run in runs]

    def follow(_: RecordedStep, step: RecordedStep) -> None:
        for follower in followers:
            follower.advance(free.batches)
            follower.watch(step.parameters)

    if followers:
        read(recording, follow)
    return [free.share(follower.trail) for follower in followers]


def _apart(follower: Follower, params: Values) -> float:
    return np.inf if follower.stopped else float(relative_distance(follower.state.params, params))
