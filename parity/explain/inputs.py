"""Whether a run read the batches and masks that it should have, and in their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.backends.base import Array, Values
from parity.trajectory.data import Batch, Batches, in_dtype

NEAR = 3  # batches before and after, among which one that was read early or late is looked for


class Inputs:
    """The batches and masks that were recorded, beside those of the case, step by step.

    ``first`` is the first step that read something else, which ``other`` names; ``found`` says what
    it was, or is empty if nothing is known about it.
    """

    def __init__(self, batches: Batches, dtype: str) -> None:
        self.batches, self.dtype = batches, dtype
        self.first: int | None = None
        self.found = ""
        self.other = ""

    def __call__(self, step: int, batch: Values, masks: Values) -> None:
        """Compare what one step read; what was not recorded is not compared."""
        if self.first is not None or not {"x", "t"} <= batch.keys():
            return
        wanted = self._at(step - 1)
        if not _same(batch, wanted):
            self.first, self.other = step, "another batch"
            self.found = self._place(step, batch)
        elif masks and not _same_masks(masks, wanted):
            self.first, self.other = step, "other masks"
            self.found = self._mask_place(step, masks)

    def _at(self, done: int) -> Batch:
        return in_dtype(self.batches.at(done), self.dtype)

    def _place(self, step: int, batch: Values) -> str:
        axis = -1 if self.batches.data.columns else 0
        if _same_samples(batch, self._at(step - 1), axis):
            return "the same samples in another order"
        for away in near(step):
            if _same_samples(batch, self._at(step - 1 + away), axis):
                return f"the batch of {how_far(away)}"
        return ""

    def _mask_place(self, step: int, masks: Values) -> str:
        if all((m == 1).all() for m in masks.values()):
            return "masks that drop nothing"
        for away in near(step):
            if _same_masks(masks, self._at(step - 1 + away)):
                return f"the masks of {how_far(away)}"
        return ""


def near(step: int) -> list[int]:
    """Return how far away the steps are among which something is looked for, the nearest first.

    Examples
    --------
    >>> near(2)
    [1, -1, 2, 3]
    """
    return [a for k in range(1, NEAR + 1) for a in (k, -k) if step + a >= 1]


def how_far(steps: int) -> str:
    """Return a number of steps, later or earlier, in words.

    Examples
    --------
    >>> how_far(1), how_far(-2)
    ('1 step later', '2 steps earlier')
    """
    n = abs(steps)
    return f"{n} step{'s' if n > 1 else ''} {'later' if steps > 0 else 'earlier'}"


def _same(batch: Values, wanted: Batch) -> bool:
    return np.array_equal(batch["x"], wanted[0]) and np.array_equal(batch["t"], wanted[1])


def _same_masks(masks: Values, wanted: Batch) -> bool:
    expected: Values = wanted[2] if len(wanted) > 2 else {}
    return masks.keys() == expected.keys() and all(
        np.array_equal(masks[name], expected[name]) for name in masks
    )


def _same_samples(batch: Values, wanted: Batch, axis: int) -> bool:
    """Return whether the samples with their targets are the same, in any order."""
    mine = [np.moveaxis(a, axis, 0) for a in (batch["x"], batch["t"])]
    return same_rows(mine, [np.moveaxis(a, axis, 0) for a in wanted[:2]])


def same_rows(some: Sequence[Array], others: Sequence[Array]) -> bool:
    """Return whether arrays (N, ...) side by side have the same rows, in any order."""
    if [a.shape for a in some] != [a.shape for a in others] or not all(a.ndim for a in some):
        return False
    if len({len(a) for a in some}) != 1:
        return False
    mine, theirs = (
        np.concatenate([a.reshape(len(a), -1).astype(np.float64) for a in parts], axis=1)
        for parts in (some, others)
    )
    return np.array_equal(_sorted(mine), _sorted(theirs))


def _sorted(rows: Array) -> Array:
    found: Array = rows[np.lexsort(rows.T[::-1])]
    return found
