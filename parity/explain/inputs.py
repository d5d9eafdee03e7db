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
        for away in _near(step):
            if _same_samples(batch, self._at(step - 1 + away), axis):
                return f"the batch of {_away(away)}"
        return ""

    def _mask_place(self, step: int, masks: Values) -> str:
        if all((m == 1).all() for m in masks.values()):
            return "masks that drop nothing"
        for away in _near(step):
            if _same_masks(masks, self._at(step - 1 + away)):
                return f"the masks of {_away(away)}"
        return ""


def _near(step: int) -> list[int]:
    return [a for k in range(1, NEAR + 1) for a in (k, -k) if step - 1 + a >= 0]


def _away(steps: int) -> str:
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
    if batch["x"].shape != wanted[0].shape or batch["t"].shape != wanted[1].shape:
        return False
    mine, theirs = (
        sorted_rows([np.moveaxis(a, axis, 0) for a in pair])
        for pair in ((batch["x"], batch["t"]), wanted[:2])
    )
    return np.array_equal(mine, theirs)


def sorted_rows(parts: Sequence[Array]) -> Array:
    """Return arrays (N, ...) side by side, one sample a row, the rows sorted."""
    rows = np.concatenate([a.reshape(len(a), -1).astype(np.float64) for a in parts], axis=1)
    return rows[np.lexsort(rows.T[::-1])]
