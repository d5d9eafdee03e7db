"""Does an optimizer turn a run's own gradients into the run's own parameters?

The optimizer is fed with the parameters and gradients that were recorded, step by step, and keeps
its own slots. A step never inherits the error of the one before, so nothing grows, and what an
update rule does shows at the first step that it acts in, however chaotic the run is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.backends.base import Values, cast_values
from parity.bounds.base import arithmetic, oracle_dtype
from parity.explain.distance import beyond_rounding
from parity.trajectory.twins import Mover
from refnet.optimizers import Optimizer

TWINS = 2


class Replay:
    """One optimizer on a recorded run's parameters and gradients.

    ``worst`` is the largest distance from the recorded parameters so far, on the scale of rounding
    (that of the plain update and two twins, as in lockstep), ``first`` and ``tensor`` the first step
    and parameter beyond the limit.
    """

    def __init__(self, optimizer: Optimizer, params: Values, dtype: str, limit: float) -> None:
        self.optimizer, self.limit = optimizer, limit
        self.u = arithmetic(dtype).u
        self.wide: Any = oracle_dtype(dtype) or np.longdouble
        self._movers = [Mover(f"replay twin {j}") for j in range(TWINS)]
        self._states: list[Any] = [optimizer.init(cast_values(params, self.wide))]
        self._states += [optimizer.init(params) for _ in range(1 + TWINS)]
        self.steps = 0
        self.worst, self.tensor = 0.0, ""
        self.first: int | None = None

    def __call__(self, step: int, before: Values, grads: Values, after: Values) -> None:
        """Compare one update: from ``before`` by ``grads``, with what the run has ``after``."""
        sides = [(cast_values(before, self.wide), cast_values(grads, self.wide)), (before, grads)]
        sides += [(m.values(before), m.values(grads)) for m in self._movers]
        moved = []
        for i, (params, g) in enumerate(sides):
            found, self._states[i] = self.optimizer.update(params, g, self._states[i])
            moved.append(found)
        ratio, tensor = beyond_rounding(after, moved[0], moved[1:], self.u)
        self.steps += 1
        self.worst = max(self.worst, ratio)
        if ratio > self.limit and self.first is None:
            self.first, self.tensor = step, tensor

    @property
    def agrees(self) -> bool:
        """Whether every update so far was the optimizer's, up to rounding."""
        return self.worst <= self.limit
