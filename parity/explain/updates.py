"""Whether an optimizer turns a run's own gradients into the run's own parameters.

The optimizer is fed with the parameters and gradients that were recorded, step by step, and keeps
its own slots. A step never inherits the error of the one before, so nothing grows, and what an
update rule does shows at the first step that it acts in, however chaotic the run is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from parity.backends.base import cast_values
from parity.bounds.base import arithmetic, oracle_dtype
from parity.explain.changes import Change, changes
from parity.explain.distance import beyond_rounding
from parity.explain.reading import read
from parity.trace import RecordedStep
from parity.trajectory.twins import Mover
from refnet.optimizers import Optimizer

TWINS = 2


class Replay:
    """One optimizer on a recorded run's parameters and gradients.

    ``worst`` is the largest distance from the recorded parameters, on the scale of rounding (that
    of the plain update and two twins, as in lockstep); ``first`` and ``tensor`` are the first step
    and parameter beyond the limit, where it ends.
    """

    def __init__(self, optimizer: Optimizer, dtype: str, limit: float) -> None:
        self.optimizer, self.limit = optimizer, limit
        self.u = arithmetic(dtype).u
        self.wide: Any = oracle_dtype(dtype) or np.longdouble
        self._movers = [Mover(f"replay twin {j}") for j in range(TWINS)]
        self._states: list[Any] = []
        self.steps = 0
        self.worst, self.tensor = 0.0, ""
        self.first: int | None = None

    def __call__(self, before: RecordedStep, step: RecordedStep) -> None:
        """Compare one update: from the parameters before it by its gradients."""
        grads, after = step.gradients, step.parameters
        # A parameter without a gradient is not updated.
        params = {name: p for name, p in before.parameters.items() if name in grads}
        if not params or (self.first is not None and self.steps):
            return  # one that has failed is done
        grads = {name: grads[name] for name in params}
        sides = [(cast_values(params, self.wide), cast_values(grads, self.wide)), (params, grads)]
        sides += [(m.values(params), m.values(grads)) for m in self._movers]
        if not self._states:
            self._states = [self.optimizer.init(p) for p, _ in sides]
        moved = []
        for i, (p, g) in enumerate(sides):
            found, self._states[i] = self.optimizer.update(p, g, self._states[i])
            moved.append(found)
        ratio, tensor = beyond_rounding(after, moved[0], moved[1:], self.u)
        self.steps += 1
        self.worst = max(self.worst, ratio)
        if ratio > self.limit and self.first is None:
            self.first, self.tensor = step.step, tensor

    @property
    def agrees(self) -> bool:
        """Whether every update so far was the optimizer's, up to rounding."""
        return self.worst <= self.limit


def rules_tried(
    own: Replay, recording: Iterable[RecordedStep], dtype: str
) -> list[tuple[Change, Replay]]:
    """Return the conventions' changes of an update rule, each replayed, if the rule is another.

    Those that explain the updates come first: of those that fit about as well, within a factor of
    4, the smallest.
    """
    if own.agrees:
        return []
    tried = [(c, Replay(c.optimizer, dtype, own.limit)) for c in changes(own.optimizer)]
    read(recording, *(replay for _, replay in tried))
    return sorted(tried, key=lambda pair: (not pair[1].agrees, _fit(pair[1]), pair[0].size))


def _fit(replay: Replay) -> float:
    """Return how far off a replay is, in steps of a factor of 4; 0 for anything near rounding."""
    return math.floor(math.log(max(replay.worst, 1.0), 4)) if replay.agrees else replay.worst
