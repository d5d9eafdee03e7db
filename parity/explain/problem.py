"""The run that is to be explained, and what refnet's own runs beside it need."""

from __future__ import annotations

from typing import Any

from parity.case import TrainingCase
from parity.errors import SelectionError
from parity.registry import all_cases
from parity.trace import Recording
from parity.trajectory.data import Batches, load
from parity.trajectory.run import batches_of, initial_params, trainer


class Problem:
    """A recorded run of a training case, with refnet's trainer, start and batches of that case."""

    def __init__(self, recording: Recording, case: TrainingCase | None) -> None:
        info = recording.info
        self.case = _case(info) if case is None else case
        self.dtype, self.seed = str(info["dtype"]), int(info["seed"])
        self.side = str(info.get("side", "the run"))
        self.trainer: Any = trainer(self.case, None)
        self._data = load(self.case.data)
        self.start = initial_params(self.case, self._data, self.dtype, self.seed)

    @property
    def batches(self) -> Batches:
        """The case's batches."""
        return batches_of(self.case, self._data, self.seed)


def _case(info: Any) -> TrainingCase:
    if {"case", "dtype", "seed"} <= info.keys():
        for case in all_cases():
            if case.id == info["case"] and isinstance(case, TrainingCase):
                return case
    raise SelectionError(
        "explain",
        got=f"a recording whose info has {', '.join(sorted(info)) or 'nothing'}",
        needs="the case, dtype and seed of a training run, as `parity explain CASE` records them",
        cause="Is it of a loop of your own? Then hand over two recordings: `parity explain A B`.",
    )
