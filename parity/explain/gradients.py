"""Whether a run's gradient is the model's, at the run's own parameters, or a multiple of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.backends.base import Array, Trainer, Values, cast_values
from parity.bounds.base import arithmetic, oracle_dtype
from parity.case import DTYPES
from parity.explain.distance import beyond_rounding, multiple_of
from parity.floats import finfo
from parity.trace.distance import rms
from parity.trajectory.data import Batch, in_dtype
from parity.trajectory.lockstep import TWINS
from parity.trajectory.twins import Mover, TwinError, twin_step

ALIKE = 4.0  # times: not farther off than another correct implementation of a dtype


class Gradients:
    """The model's gradient beside the recorded one, at the recorded parameters, step by step.

    ``worst`` is the largest distance on the scale of rounding, ``first`` and ``tensor`` the first
    step and tensor beyond the limit. ``factor`` is the multiple of the model's gradient that the
    recorded one is nearest to, over all steps, and ``scaled`` the largest distance from the
    multiple of each step. It ends, and ``ended`` says why, where the model's own gradient is not
    finite.
    """

    def __init__(self, trainer: Trainer, dtype: str, limit: float) -> None:
        self.trainer, self.dtype, self.limit = trainer, dtype, limit
        self.u = arithmetic(dtype).u
        self.wide: Any = oracle_dtype(dtype) or np.longdouble
        self.steps = 0
        self.worst, self.scaled = 0.0, 0.0
        self.first: int | None = None
        self.tensor = ""
        self.ended = ""
        self.whole = True  # whether each step had every parameter's gradient
        self._factors: list[float] = []
        # For each narrower dtype that the gradients may be of, their distances beside its own.
        self._gaps: dict[str, dict[str, list[float]]] = {
            d: {} for d in DTYPES if arithmetic(d, d).u > self.u
        }

    def __call__(
        self, step: int, before: Values, slots: dict[str, Values], batch: Batch, got: Values
    ) -> None:
        """Compare the gradients of one step, which read ``before``, ``slots`` and ``batch``.

        Those that were not recorded are not compared.
        """
        if self.ended:
            return
        try:
            self._compare(step, before, slots, batch, got)
        except TwinError:
            self.ended = f"the model's gradient is not finite at step {step}"

    def _compare(
        self, step: int, before: Values, slots: dict[str, Values], batch: Batch, got: Values
    ) -> None:
        wide_slots = {k: cast_values(v, self.wide) for k, v in slots.items()}
        exact = self.trainer.step(
            cast_values(before, self.wide), wide_slots, step - 1, *in_dtype(batch, self.wide)
        ).grads
        here = in_dtype(batch, self.dtype)
        rounded = [self.trainer.step(before, slots, step - 1, *here).grads]
        for j in range(TWINS):
            mover = Mover(f"gradient twin {j} step {step}")
            rounded.append(twin_step(self.trainer, mover, before, slots, step - 1, here).grads)
        self.whole &= exact.keys() <= got.keys()
        exact = {name: g for name, g in exact.items() if name in got}
        ratio, tensor = beyond_rounding(got, exact, rounded, self.u)
        self.steps += 1
        self.worst = max(self.worst, ratio)
        if ratio > self.limit and self.first is None:
            self.first, self.tensor = step, tensor
        factor = multiple_of(got, exact)
        self._factors.append(factor)
        wide_factor = np.dtype(self.wide).type(factor)
        multiple, _ = (
            beyond_rounding(
                got,
                {k: g * wide_factor for k, g in exact.items()},
                [{k: g * g.dtype.type(factor) for k, g in r.items()} for r in rounded],
                self.u,
            )
            if math.isfinite(factor)
            else (math.inf, "")
        )
        self.scaled = max(self.scaled, multiple)
        if not self.agrees:
            self._narrower(step, before, slots, batch, got, exact)

    def _narrower(
        self,
        step: int,
        before: Values,
        slots: dict[str, Values],
        batch: Batch,
        got: Values,
        exact: Values,
    ) -> None:
        """Note the recorded gradients' distance as a share of that of a narrower dtype's.

        A dtype is given up at the first value that has more digits than it.
        """
        for dtype in list(self._gaps):
            if not all(_fits(g, dtype) for g in got.values()):
                del self._gaps[dtype]
        for dtype, shares in self._gaps.items():
            kind = np.dtype(dtype)
            narrow = {k: cast_values(v, kind) for k, v in slots.items()}
            found = self.trainer.step(
                cast_values(before, kind), narrow, step - 1, *in_dtype(batch, kind)
            ).grads
            for name, wanted in exact.items():
                mine, theirs = (rms(g[name].astype(wanted.dtype) - wanted) for g in (got, found))
                shares.setdefault(name, []).append(mine / theirs if theirs else math.inf)

    @property
    def computed_in(self) -> str:
        """The narrowest dtype that the gradients are of, or "" if they are of none.

        Every value of theirs has its digits and no more, and no tensor is much farther off than the
        model's own gradient in that dtype.
        """
        fitting = [
            dtype
            for dtype, shares in self._gaps.items()
            if shares and all(np.median(s) <= ALIKE for s in shares.values())
        ]
        return max(fitting, key=lambda d: arithmetic(d, d).u, default="")

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


def _fits(a: Array, dtype: str) -> bool:
    """Return whether every value has no more binary digits than a dtype's significand."""
    digits, _ = np.frexp(a[np.isfinite(a)].astype(np.float64))
    scaled = np.ldexp(digits, finfo(dtype).nmant + 1)
    return bool((scaled == np.rint(scaled)).all())
