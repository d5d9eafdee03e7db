"""Write a recording of a training run, a step at a time."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from io import FileIO
from types import TracebackType
from typing import Any, Self

from parity.errors import RecordingError, UnrecordableError
from parity.trace import format
from parity.trace.arrays import as_plain
from parity.trace.names import checked
from parity.trace.recording import Recording
from refnet.checks import is_integer

SMALL = 1 << 16  # bytes up to which a frame is put together in memory and written at once


class Recorder:
    """Writes named tensors per step to a file that is readable whenever the process ends.

    Each step is one frame with its length and checksums, handed to the operating system before
    :meth:`write` returns: a process that is killed loses at most the step that it was writing. No
    more than one step is in memory. :mod:`parity.trace.names` has the scheme of names,
    :mod:`parity.trace.format` the file's format.

    Parameters
    ----------
    path : path
        The file. One that is there is refused, unless ``resume`` or ``overwrite`` says what to do
        with it.
    resume : bool or int
        True goes on after the last whole step of the file, and begins anew where there is none; a
        number keeps the steps up to that one. What comes after is cut off.
    overwrite : bool
        Replace the file.
    **info
        What JSON holds: optimizer, options, dtype, versions. Beside what a resumed file has, and in
        place of it where both name the same.

    Raises
    ------
    RecordingError
        If the file is there already, or cannot be written; when resumed, also if it is no recording
        or a damaged one.
    UnrecordableError
        If the info is not JSON's.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "run.trace"
    ...     w = np.ones(2)
    ...     with Recorder(path, optimizer="SGD", lr=0.5) as rec:
    ...         rec.write(0, {"parameter/w": w})
    ...         for _ in range(3):
    ...             gradient = 2 * w
    ...             w = w - 0.25 * gradient
    ...             rec.step(loss=(w**2).sum(), **{"gradient/w": gradient, "parameter/w": w})
    ...     for step in Recording(path):
    ...         print(step.step, step.parameters["w"], step.loss)
    0 [1. 1.] None
    1 [0.5 0.5] 0.5
    2 [0.25 0.25] 0.125
    3 [0.125 0.125] 0.03125
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        /,
        *,
        resume: bool | int = False,
        overwrite: bool = False,
        **info: Any,
    ) -> None:
        if resume is not False and overwrite:
            raise UnrecordableError(
                "Recorder",
                got=f"resume={resume!r} and overwrite=True",
                needs="one of them",
                cause="Resuming keeps the steps of the file, overwriting drops them.",
            )
        self.path = os.fspath(path)
        self.last: int | None = None
        self._file: FileIO | None = None
        head = format.encode_frame(format.INFO, format.encode_info(info))
        try:
            scan = Recording(path).scan if resume is not False and os.path.exists(path) else None
            if scan is None or not scan.end:
                self._file = FileIO(self.path, "x" if scan is None and not overwrite else "w")
                self._append([format.PREAMBLE, head])
                return
            keep = len(scan.steps) if resume is True else bisect_right(scan.steps, int(resume))
            cut = scan.end if keep == len(scan.steps) else scan.starts[keep]
            self._file = FileIO(self.path, "r+")
            self._file.seek(cut)
            self._file.truncate()
            self.last = scan.steps[keep - 1] if keep else None
            if not info.items() <= scan.info.items():
                self._append([head])
        except RecordingError:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise self._refused(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def step(self, /, **tensors: Any) -> None:
        """Write the next step: the one after the last, or step 1.

        Raises
        ------
        UnrecordableError, RecordingError
            As :meth:`write` does.
        """
        self.write((self.last or 0) + 1, tensors)

    def write(
        self, step: int, tensors: Mapping[str, Any], info: Mapping[str, Any] | None = None
    ) -> None:
        """Write a step: arrays, numbers or tensors by name, and information that JSON holds.

        What is refused leaves the file as it was. If the disk is full, the part that was written is
        taken back, and the same step may be written again.

        Raises
        ------
        UnrecordableError
            If the step is not above the last one, or a name, a value or the info cannot be
            recorded.
        DtypeError, ShapeError
            If a value is a masked array, or ragged.
        RecordingError
            If the file cannot be written to, or is closed.
        """
        self._check(step)
        arrays = {checked(name): as_plain(name, value) for name, value in tensors.items()}
        header, data = format.encode_step(int(step), arrays, dict(info or {}))
        self._append([format.encode_frame(format.STEP, header, data), *data])
        self.last = int(step)

    def close(self) -> None:
        """Close the file; further steps are refused."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check(self, step: Any) -> None:
        if self._file is None:
            raise RecordingError(
                "Recorder",
                got=f"a step for {self.path}, which is closed",
                needs="an open recorder",
                cause="Did the with block end, or writing fail before?",
            )
        low = 0 if self.last is None else self.last + 1
        if not is_integer(step) or not low <= step <= format.MAX_STEP:
            raise UnrecordableError(
                "Recorder",
                got=f"step {step!r} after {'none' if self.last is None else self.last}",
                needs=f"an integer of at least {low}",
                cause="Was the run resumed from an earlier step? Then open with resume=that step.",
            )

    def _append(self, pieces: Sequence[Any]) -> None:
        """Write a frame, or as if nothing had been written raise what stopped it."""
        file = self._file
        assert file is not None
        start = file.tell()
        try:
            for piece in [b"".join(pieces)] if sum(map(len, pieces)) <= SMALL else pieces:
                left = memoryview(piece)
                while left:
                    left = left[file.write(left) :]
        except BaseException as error:
            try:
                file.seek(start)
                file.truncate()
            except OSError:  # then nothing may be put behind the torn frame
                self.close()
            if isinstance(error, OSError):
                raise self._refused(error) from error
            raise

    def _refused(self, error: OSError) -> RecordingError:
        there = isinstance(error, FileExistsError)
        return RecordingError(
            "Recorder",
            got=f"{self.path}, which cannot be written ({error})",
            needs="a path in a folder that can be written to, and room",
            cause="It is there already: pass resume=True to go on, overwrite=True to replace it."
            if there
            else "Is the folder there, and the disk full?",
        )
