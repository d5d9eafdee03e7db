"""One step of a run, taken apart: what it began with, what it read, its gradient, its update.

Every stage is checked on the recorded values of the stages before it, so that an error does not
pass from one to the next, nor from one step to the next.
"""

from __future__ import annotations

from parity.backends.base import Values
from parity.explain.gradients import Gradients
from parity.explain.inputs import Inputs
from parity.explain.problem import Problem
from parity.explain.start import roundings, same
from parity.explain.updates import Replay
from parity.trace import RecordedStep
from parity.trajectory.data import in_dtype
from parity.trajectory.lockstep import LIMIT


class Stages:
    """The checks of every stage, over a whole recording."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = Inputs(problem.batches, problem.dtype)
        self.gradients = Gradients(problem.trainer, problem.dtype, LIMIT)
        self.update = Replay(problem.trainer.optimizer, problem.dtype, LIMIT)
        self.starts_alike = True
        self.rounded = ""  # how the initial values follow from the case's, if they differ
        self._own_batches = problem.batches

    def __call__(self, before: RecordedStep, step: RecordedStep) -> None:
        """Check one step, from the recorded state before it."""
        if before.step == 0:
            self._begin(before.parameters)
        self.update(before, step)
        batch, masks, grads = step.batch, step.masks, step.gradients
        self.inputs(step.step, batch, masks)
        params = before.parameters
        if not grads or not params:
            return
        read = in_dtype(self._own_batches.at(step.step - 1), self.problem.dtype)
        if {"x", "t"} <= batch.keys():
            read = (batch["x"], batch["t"], *([masks] if masks else read[2:]))
        self.gradients(step.step, params, self._slots(params, before.slots), read, grads)

    def _begin(self, params: Values) -> None:
        """Compare the parameters before the first update."""
        wanted = self.problem.start
        self.starts_alike = same(wanted, params)
        if not self.starts_alike:
            made = roundings(wanted, self.problem.dtype)
            self.rounded = next((what for what, p in made if same(p, params)), "")

    @property
    def alike(self) -> bool:
        """Whether every stage is the case's, up to rounding."""
        read_alike = self.inputs.first is None
        return self.starts_alike and read_alike and self.gradients.agrees and self.update.agrees

    def _slots(self, params: Values, recorded: dict[str, Values]) -> dict[str, Values]:
        """Return the slots that refnet's optimizer has, as they were recorded where they were."""
        own = self.problem.trainer.slots(params)
        return {
            k: recorded[k] if recorded.get(k, {}).keys() == v.keys() else v for k, v in own.items()
        }
