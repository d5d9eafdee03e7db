"""One step of a run, taken apart: what it began with, what it read, its gradient, its update.

Every stage is checked on the recorded values of the stages before it, so that an error does not
pass from one to the next, nor from one step to the next.
"""

from __future__ import annotations

import numpy as np

from parity.backends.base import Values
from parity.explain.gradients import Gradients
from parity.explain.inputs import Inputs
from parity.explain.problem import Problem
from parity.explain.start import rounded
from parity.explain.updates import Replay
from parity.trace import RecordedStep
from parity.trajectory.data import in_dtype
from parity.trajectory.lockstep import LIMIT


class Stages:
    """The checks of every stage, over a whole recording.

    ``frozen`` are the parameters that never had a gradient, where others had, nor ever moved.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = Inputs(problem.batches, problem.dtype)
        self.gradients = Gradients(problem.trainer, problem.dtype, LIMIT)
        self.update = Replay(problem.trainer.optimizer, problem.dtype, LIMIT)
        self.start: str | None = ""  # how the initial values follow from the case's; None: unknown
        self.frozen = list(problem.start)
        self._own_batches = problem.batches

    def __call__(self, before: RecordedStep, step: RecordedStep) -> None:
        """Check one step, from the recorded state before it."""
        params, grads = before.parameters, step.gradients
        if before.step == 0:
            self.start = rounded(self.problem.start, params, self.problem.dtype)
        self.update(before, step)
        batch, masks, after = step.batch, step.masks, step.parameters
        self.inputs(step.step, batch, masks)
        self.frozen = [
            k
            for k in self.frozen
            if grads and k not in grads and np.array_equal(params[k], after[k], equal_nan=True)
        ]
        if not grads:
            return
        read = in_dtype(self._own_batches.at(step.step - 1), self.problem.dtype)
        if {"x", "t"} <= batch.keys():
            read = (batch["x"], batch["t"], *([masks] if masks else read[2:]))
        self.gradients(step.step, params, self._slots(params, before.slots), read, grads)

    @property
    def alike(self) -> bool:
        """Whether every stage is the case's, up to rounding."""
        as_given = self.start == "" and self.inputs.first is None and not self.frozen
        return as_given and self.gradients.agrees and self.update.agrees

    def _slots(self, params: Values, recorded: dict[str, Values]) -> dict[str, Values]:
        """Return the slots that refnet's optimizer has, as they were recorded where they were."""
        own = self.problem.trainer.slots(params)
        return {
            k: recorded[k] if recorded.get(k, {}).keys() == v.keys() else v for k, v in own.items()
        }
