"""Read a recording of a training run, a step at a time."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BufferedReader
from typing import NamedTuple

from parity.errors import RecordingError, SelectionError
from parity.trace import format
from parity.trace.arrays import Array
from parity.trace.format import Info
from parity.trace.names import kind_of, parts


class RecordedStep(NamedTuple):
    """One step of a recording: every tensor under its name, and by kind.

    ``parameters`` of step 0 are the initial ones; those of step t are what update t left.
    """

    step: int
    tensors: dict[str, Array]
    info: Info

    def of(self, kind: str) -> dict[str, Array]:
        """Return the tensors of a kind, under their names without it.

        Examples
        --------
        >>> import numpy as np
        >>> RecordedStep(1, {"batch/x": np.arange(2), "loss": np.ones(())}, {}).of("batch")
        {'x': array([0, 1])}
        """
        return {
            name.removeprefix(f"{kind}/"): a
            for name, a in self.tensors.items()
            if kind_of(name) == kind
        }

    @property
    def batch(self) -> dict[str, Array]:
        """What the step was trained on."""
        return self.of("batch")

    @property
    def masks(self) -> dict[str, Array]:
        """Which units dropout kept, by layer."""
        return self.of("mask")

    @property
    def branches(self) -> dict[str, Array]:
        """The decisions that the step took: active units, classes."""
        return self.of("branch")

    @property
    def loss(self) -> Array | None:
        """The loss, if it was recorded."""
        return self.tensors.get("loss")

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradients, by parameter."""
        return self.of("gradient")

    @property
    def slots(self) -> dict[str, dict[str, Array]]:
        """The optimizer's slots, by slot and parameter."""
        found: dict[str, dict[str, Array]] = {}
        for name, a in self.tensors.items():
            if kind_of(name) == "slot":
                before, own = parts(name)
                found.setdefault(before.removeprefix("slot/"), {})[own] = a
        return found

    @property
    def parameters(self) -> dict[str, Array]:
        """The parameters after the step."""
        return self.of("parameter")


class TensorSummary(NamedTuple):
    """A tensor's dtype and shape at the first step that has it, and how many steps have it.

    ``varies`` says that another step has another dtype or shape.
    """

    dtype: str
    shape: tuple[int, ...]
    steps: int
    varies: bool


class _Scan(NamedTuple):
    """What a pass over the frames finds without reading their data."""

    steps: array[int]
    starts: array[int]
    ends: array[int]
    end: int  # of the last whole frame; 0 if not even the first is whole
    torn: bool
    info: Info
    names: dict[str, TensorSummary]


class Recording:
    """A recording, read lazily: iterate it for its steps, of which one at a time is in memory.

    ``len``, :attr:`steps`, :attr:`names`, :attr:`info` and :attr:`torn` are found by one pass over
    the frames' headers when first asked for, without reading any values. A file whose end was cut
    off is read up to its last whole step.

    Parameters
    ----------
    path : path
        A file that :class:`~parity.trace.Recorder` wrote, or is writing.

    Raises
    ------
    RecordingError
        If the file is missing or unreadable (NotARecordingError: of another format;
        NewerRecordingError: of a later version). Iteration and the attributes raise
        DamagedRecordingError where the bytes are not those that were written.
    """

    def __init__(self, path: str | os.PathLike[str], /) -> None:
        self.path = os.fspath(path)
        with self._opened():
            pass

    def __repr__(self) -> str:
        return f"Recording({self.path!r})"

    def __len__(self) -> int:
        return len(self.scan.steps)

    def __iter__(self) -> Iterator[RecordedStep]:
        with self._opened() as (file, size):
            last = -1
            while file.tell() < size:
                frame = format.read_frame(file, self.path, size)
                if frame is None:
                    return
                if frame.kind != format.INFO:
                    header = format.step_header(frame, self.path)
                    _check_order(header.step, last, frame, self.path)
                    last = header.step
                    tensors = format.read_tensors(file, self.path, frame, header)
                    if tensors is None:
                        return
                    yield RecordedStep(last, tensors, header.info)
                    del tensors  # so that the next step does not stand beside this one
                file.seek(frame.end)

    @property
    def info(self) -> Info:
        """What the recorder was told about the run."""
        return dict(self.scan.info)

    @property
    def steps(self) -> list[int]:
        """The numbers of its steps, ascending."""
        return list(self.scan.steps)

    @property
    def names(self) -> dict[str, TensorSummary]:
        """Its tensors, in the order in which they first appear."""
        return dict(self.scan.names)

    @property
    def torn(self) -> bool:
        """Whether the end of the file was cut off within a step."""
        return self.scan.torn

    def at(self, step: int) -> RecordedStep:
        """Return one step.

        Raises
        ------
        SelectionError
            If the recording does not have it.
        """
        scan = self.scan
        i = bisect_left(scan.steps, step)
        if i == len(scan.steps) or scan.steps[i] != step:
            held = f"{scan.steps[0]} to {scan.steps[-1]}" if scan.steps else "none"
            raise SelectionError(
                "Recording",
                got=f"step {step} of {self.path}",
                needs=f"one of its steps ({held})",
                cause="Was it recorded, or cut off?",
            )
        with self._opened() as (file, size):
            file.seek(scan.starts[i])
            frame = format.read_frame(file, self.path, size)
            if frame is not None:
                header = format.step_header(frame, self.path)
                tensors = format.read_tensors(file, self.path, frame, header)
                if tensors is not None and header.step == step:
                    return RecordedStep(step, tensors, header.info)
        raise _unreadable(self.path, "it was changed while it was read")

    @cached_property
    def scan(self) -> _Scan:
        """The positions and headers of all whole frames."""
        steps, starts, ends = array("q"), array("q"), array("q")
        info: Info = {}
        names: dict[str, TensorSummary] = {}
        end = 0
        with self._opened() as (file, size):
            torn = file.tell() < len(format.PREAMBLE)
            while file.tell() < size or not end:
                frame = None if torn else format.read_frame(file, self.path, size)
                torn = frame is None
                if frame is None:
                    break
                if not end and frame.kind != format.INFO:
                    format.damaged(self.path, frame.start, "is the first and not INFO")
                if frame.kind == format.INFO:
                    info |= format.info_header(frame, self.path)
                else:
                    header = format.step_header(frame, self.path)
                    _check_order(header.step, steps[-1] if steps else -1, frame, self.path)
                    steps.append(header.step)
                    starts.append(frame.start)
                    ends.append(frame.end)
                    _count(names, header)
                end = file.seek(frame.end)
        return _Scan(steps, starts, ends, end, torn, info, names)

    @contextmanager
    def _opened(self) -> Iterator[tuple[BufferedReader, int]]:
        """Yield the file past its preamble, or at its end if it is torn there, and its length."""
        try:
            with open(self.path, "rb") as file:
                format.read_preamble(file, self.path)
                yield file, os.fstat(file.fileno()).st_size
        except RecordingError:
            raise
        except OSError as error:
            raise _unreadable(self.path, str(error)) from error


def _check_order(step: int, last: int, frame: format.Frame, path: str) -> None:
    if step <= last:
        format.damaged(path, frame.start, f"has step {step} after step {last}")


def _count(names: dict[str, TensorSummary], header: format.StepHeader) -> None:
    for t in header.tensors:
        shape = tuple(t.shape)
        known = names.get(t.name)
        if known is None:
            names[t.name] = TensorSummary(t.dtype, shape, 1, varies=False)
        else:
            other = known.varies or (known.dtype, known.shape) != (t.dtype, shape)
            names[t.name] = known._replace(steps=known.steps + 1, varies=other)


def _unreadable(path: str, why: str) -> RecordingError:
    return RecordingError(
        "Recording",
        got=f"{path}, which cannot be read ({why})",
        needs="a readable recording",
        cause="Is the path right?",
    )
