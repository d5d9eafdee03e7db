"""Runs of refnet in which one thing is different, beside the run that is to be explained.

A counterfactual of *values* (initial values rounded, batches in another order, other masks, another
update rule) explains a run that it follows: their distance stays within ten times the twins'
envelope up to the horizon, as that of two correct runs does. A counterfactual of *rounding* (a
dtype, the order of a reduction) only says how large a difference it makes, and explains one of that
size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from parity.backends.base import Trainer, Values
from parity.trajectory.data import Batch, Batches, in_dtype
from parity.trajectory.free_running import relative_distance
from parity.trajectory.lockstep import State
from parity.trajectory.twins import Mover, TwinError, twin_step

Reading = Callable[[Batches, int], Batch]  # the batch after so many updates


class Counterfactual(NamedTuple):
    """What is different, and the run that has it so."""

    what: str
    trainer: Trainer
    params: Values
    dtype: str
    reading: Reading
    rounding: bool = False
    systems: tuple[str, ...] = ()


class Follower:
    """A run of refnet that goes on by one step at a time.

    ``trail`` has its distance from the run that is explained after every step.
    """

    def __init__(self, run: Counterfactual, mover: Mover | None = None) -> None:
        self.run, self.mover = run, mover
        self.state = State(run.params, run.trainer.slots(run.params), 0)
        self.branches: Values = {}
        self.trail: list[float] = []
        self.stopped = False  # it left the finite numbers

    def advance(self, batches: Batches) -> Values:
        """Take one step and return the parameters after it."""
        run, state = self.run, self.state
        batch = in_dtype(run.reading(batches, state.done), run.dtype)
        if not self.stopped:
            try:
                step = (
                    run.trainer.step(*state, *batch)
                    if self.mover is None
                    else twin_step(run.trainer, self.mover, *state, batch)
                )
            except TwinError:
                self.stopped = True
            else:
                self.branches = step.branches
                self.state = State(step.params, step.slots, state.done + 1)
        return self.state.params

    def watch(self, params: Values) -> float:
        """Note the distance from the parameters of the run that is explained."""
        d = np.inf if self.stopped else relative_distance(self.state.params, params)
        self.trail.append(float(d))
        return self.trail[-1]


def as_given(batches: Batches, done: int) -> Batch:
    """Return the batch that the case has after ``done`` updates."""
    return batches.at(done)


def next_batch(batches: Batches, done: int) -> Batch:
    """Return the batch of the update after: the order of batches off by one."""
    return _other_batch(batches, done, done + 1)


def last_batch(batches: Batches, done: int) -> Batch:
    """Return the batch of the update before: the order of batches off by one the other way."""
    return _other_batch(batches, done, max(done - 1, 0))


def samples_reversed(batches: Batches, done: int) -> Batch:
    """Return the batch with its samples in reverse: the same sums in another order."""
    axis = -1 if batches.data.columns else 0
    x, t, *masks = batches.at(done)
    flipped = ({k: np.flip(m, axis) for k, m in values.items()} for values in masks)
    return np.flip(x, axis), np.flip(t, axis), *flipped


def next_masks(batches: Batches, done: int) -> Batch:
    """Return the batch with the masks of the update after, where they fit."""
    x, t, masks = batches.at(done)
    *_, others = batches.at(done + 1)
    return x, t, _where_they_fit(others, masks)


def first_masks(batches: Batches, done: int) -> Batch:
    """Return the batch with the masks of the first update, where they fit: one draw for all."""
    x, t, masks = batches.at(done)
    *_, others = batches.at(0)
    return x, t, _where_they_fit(others, masks)


def every_unit_kept(batches: Batches, done: int) -> Batch:
    """Return the batch with masks that drop nothing."""
    x, t, masks = batches.at(done)
    return x, t, {k: np.ones_like(m) for k, m in masks.items()}


def _other_batch(batches: Batches, done: int, other: int) -> Batch:
    """Return the batch of another update, with the masks of this one where they fit."""
    _, _, *own = batches.at(done)
    x, t, *masks = batches.at(other)
    return x, t, *(_where_they_fit(mine, m) for mine, m in zip(own, masks, strict=True))


def _where_they_fit(others: Values, masks: Values) -> Values:
    return {k: others[k] if others[k].shape == m.shape else m for k, m in masks.items()}
