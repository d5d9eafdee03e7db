"""The run that is to be explained, and what refnet's own runs beside it need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parity.backends.base import Values
from parity.case import DTYPES, TrainingCase
from parity.errors import SelectionError
from parity.registry import all_cases
from parity.trace import RecordedStep, Recording
from parity.trajectory.data import Batches, load
from parity.trajectory.run import batches_of, initial_params, trainer
from refnet.checks import is_integer, nearest


class Problem:
    """A recorded run of a training case, with refnet's trainer, start and batches of that case.

    Raises
    ------
    SelectionError
        If the recording's info does not say of which case, dtype and seed it is.
    """

    def __init__(self, recording: Recording, case: TrainingCase | None) -> None:
        info = recording.info
        self.case = _case(info) if case is None else case
        self.dtype, self.seed = _dtype_and_seed(info)
        self.side = str(info.get("side", "the run"))
        self.trainer: Any = trainer(self.case, None)
        self._data = load(self.case.data)
        self.start = initial_params(self.case, self._data, self.dtype, self.seed)

    @property
    def batches(self) -> Batches:
        """The case's batches."""
        return batches_of(self.case, self._data, self.seed)

    def check(self, before: RecordedStep, step: RecordedStep) -> None:
        """Refuse a step whose arrays are not of the case's shapes and dtype.

        Raises
        ------
        SelectionError
            If there is one.
        """
        for recorded in (before, step) if before.step == 0 else (step,):
            if _kinds(recorded.parameters) != _kinds(self.start):
                raise self._refused(recorded, "parameters", self.start)
        gradients = step.gradients
        if not _kinds(gradients).items() <= _kinds(self.start).items():
            raise self._refused(step, "gradients", self.start)
        batch = step.batch
        if {"x", "t"} <= batch.keys():
            axis = -1 if self._data.columns else 0
            wanted = {"x": self._data.x, "t": self._data.t}
            samples = {batch[name].shape[axis] if batch[name].ndim else 0 for name in wanted}
            shapes = [
                {name: _but(values[name].shape, axis) for name in wanted}
                for values in (batch, wanted)
            ]
            if shapes[0] != shapes[1] or len(samples) > 1 or 0 in samples:
                raise self._refused(step, "a batch", wanted)

    def _refused(self, step: RecordedStep, what: str, wanted: Values) -> SelectionError:
        got = {
            "parameters": step.parameters,
            "gradients": step.gradients,
        }.get(what, step.batch)
        return SelectionError(
            "explain",
            got=f"{what} of step {step.step} with {_listed(got)}",
            needs=f"those of {self.case.id} in {self.dtype}: {_listed(wanted)}",
            cause="Is the recording of another case, or are weights transposed? Two recordings of "
            "loops of your own are explained by `parity explain A B`.",
        )


def _case(info: Mapping[str, Any]) -> TrainingCase:
    if "case" not in info:
        raise _not_of_a_case(info)
    known = {case.id: case for case in all_cases() if isinstance(case, TrainingCase)}
    if info["case"] not in known:
        raise SelectionError(
            "explain",
            got=f"a recording of the case {info['case']!r}",
            needs="one of the training cases that `parity list` shows",
            cause=f"Is it a case of your own? Then call explain(recording, case). "
            f"{nearest(str(info['case']), known)}",
        )
    return known[info["case"]]


def _dtype_and_seed(info: Mapping[str, Any]) -> tuple[str, int]:
    if not {"dtype", "seed"} <= info.keys():
        raise _not_of_a_case(info)
    dtype, seed = info["dtype"], info["seed"]
    if dtype not in DTYPES or not is_integer(seed) or seed < 0:
        raise SelectionError(
            "explain",
            got=f"a recording in the dtype {dtype!r} with the seed {seed!r}",
            needs=f"one of {', '.join(DTYPES)}, and an integer of at least 0",
            cause="Was its info written by hand?",
        )
    return dtype, seed


def _not_of_a_case(info: Mapping[str, Any]) -> SelectionError:
    return SelectionError(
        "explain",
        got=f"a recording whose info has {', '.join(sorted(info)) or 'nothing'}",
        needs="the case, dtype and seed of a training run, as `parity explain CASE` records them",
        cause="Is it of a loop of your own? Then hand over two recordings: `parity explain A B`.",
    )


def _kinds(values: Values) -> dict[str, tuple[Any, ...]]:
    return {name: (a.shape, a.dtype) for name, a in values.items()}


def _but(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """Return a shape without the axis along which samples lie."""
    return shape[:-1] if axis else shape[1:]


def _listed(values: Values) -> str:
    return ", ".join(f"{name} {a.shape} {a.dtype}" for name, a in values.items()) or "nothing"
