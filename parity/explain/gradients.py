"""Is a run's gradient the model's, at the run's own parameters? Or a multiple of it?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.backends.base import Trainer, Values, cast_values
from parity.bounds.base import arithmetic, oracle_dtype
from parity.explain.distance import beyond_rounding
from parity.trajectory.data import Batch, in_dtype
from parity.trajectory.twins import Mover, twin_step

TWINS = 2


class Gradients:
    """The model's gradient beside the recorded one, at the recorded parameters, step by step.

    ``worst`` is the largest distance on the scale of rounding, ``first`` and ``tensor`` the first
    step and tensor beyond the limit. ``factor`` is the multiple of the model's gradient that the
    recorded one is nearest to, over all steps, and ``scaled`` the largest distance from the
    multiple of each step.
    """

    def __init__(self, trainer: Trainer, dtype: str, limit: float) -> None:
        self.trainer, self.dtype, self.limit = trainer, dtype, limit
        self.u = arithmetic(dtype).u
        self.wide: Any = oracle_dtype(dtype) or np.longdouble
        self.steps = 0
        self.worst, self.scaled = 0.0, 0.0
        self.first: int | None = None
        self.tensor = ""
        self._factors: list[float] = []

    def __call__(
        self, step: int, before: Values, slots: dict[str, Values], batch: Batch, got: Values
    ) -> None:
        """Compare the gradients of one step, which read ``before``, ``slots`` and ``batch``."""
        wide_slots = {k: cast_values(v, self.wide) for k, v in slots.items()}
        exact = self.trainer.step(
            cast_values(before, self.wide), wide_slots, step - 1, *in_dtype(batch, self.wide)
        ).grads
        here = in_dtype(batch, self.dtype)
        rounded = [self.trainer.step(before, slots, step - 1, *here).grads]
        for j in range(TWINS):
            mover = Mover(f"gradient twin {j} step {step}")
            rounded.append(twin_step(self.trainer, mover, before, slots, step - 1, here).grads)
        ratio, tensor = beyond_rounding(got, exact, rounded, self.u)
        self.steps += 1
        self.worst = max(self.worst, ratio)
        if ratio > self.limit and self.first is None:
            self.first, self.tensor = step, tensor
        factor = _factor(got, exact)
        self._factors.append(factor)
        wide_factor = np.dtype(self.wide).type(factor)
        multiple, _ = beyond_rounding(
            got,
            {k: g * wide_factor for k, g in exact.items()},
            [{k: g * g.dtype.type(factor) for k, g in r.items()} for r in rounded],
            self.u,
        )
        self.scaled = max(self.scaled, multiple)

    @property
    def factor(self) -> float:
        """The multiple: the median over the steps."""
        return float(np.median(self._factors)) if self._factors else math.nan

    @property
    def agrees(self) -> bool:
        """Whether every gradient so far was the model's, up to rounding."""
        return self.worst <= self.limit

    @property
    def is_multiple(self) -> bool:
        """Whether every gradient was the same multiple of the model's, and not the model's."""
        steady = all(math.isclose(f, self.factor, rel_tol=1e-3) for f in self._factors)
        return not self.agrees and steady and self.scaled <= self.limit


def _factor(got: Values, exact: Values) -> float:
    """Return the multiple of ``exact`` that is nearest to ``got``, rounded to what dtypes tell."""
    up = math.fsum(float(np.vdot(got[k].astype(exact[k].dtype), exact[k])) for k in exact)
    down = math.fsum(float(np.vdot(g, g)) for g in exact.values())
    factor = up / down if down else math.nan
    # A whole number, or one over a whole number, is what people slip by.
    for candidate in (round(factor), 1 / round(1 / factor) if factor and abs(factor) < 1 else 0):
        if candidate and math.isclose(factor, candidate, rel_tol=1e-4):
            return float(candidate)
    return factor
