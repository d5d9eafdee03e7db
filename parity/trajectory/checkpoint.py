"""Checkpoints: how far a training run has come, as JSON with its arrays in an .npz file beside it.

The arrays are written first, under the one of two names that the JSON does not speak of; then the
JSON takes the place of the one before, in one step, and names them with their checksum. Wherever a
process dies, the folder holds the last whole checkpoint.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar
from urllib.parse import quote

import msgspec
import numpy as np

from parity.backends.base import Array, Values
from parity.case import TrainingCase
from parity.errors import CheckpointError
from parity.result import TrainingResult
from parity.trajectory.data import MNIST, load
from parity.trajectory.free_running import Running
from parity.trajectory.lockstep import Ratio, State
from refnet.data import read_npz, write_npz
from refnet.errors import DataFileError

SCHEMA = 1
EVERY = 50
MAX_BYTES = 1 << 34
T = TypeVar("T")


class Reached(NamedTuple):
    """How far a run has come: the lockstep state and its ratios, then the free-running part."""

    state: State
    ratios: list[Ratio]
    running: Running | None = None


class Checkpoints(NamedTuple):
    """The checkpoints of a whole run: in which folder, every so many steps, and made by what.

    ``circumstances`` has what the numbers depend on beside the cell, such as versions, in words.
    """

    folder: str
    every: int
    circumstances: Mapping[str, str]


# What the files hold. Arrays are numbers of the .npz file's members.


class _State(msgspec.Struct, frozen=True):
    params: dict[str, int]
    slots: dict[str, dict[str, int]]
    done: int


class _Running(msgspec.Struct, frozen=True):
    states: dict[str, _State]
    twins: list[_State]
    losses: int
    trail: int
    horizon: int | None
    reason: str


class _Begun(msgspec.Struct, frozen=True, tag="begun"):
    made_by: dict[str, str]
    arrays: str  # the .npz file
    checksum: str  # its SHA-256
    state: _State
    tensors: list[str]
    ratios: int  # rows of tensor, step, subject, backend
    running: _Running | None


class _Finished(msgspec.Struct, frozen=True, tag="finished"):
    made_by: dict[str, str]
    result: TrainingResult


_decoder: msgspec.json.Decoder[_Begun | _Finished] = msgspec.json.Decoder(_Begun | _Finished)


class _File(msgspec.Struct, frozen=True):
    checksum: str  # SHA-256 of the rest
    checkpoint: msgspec.Raw


class Checkpoint:
    """The checkpoint of one cell.

    Parameters
    ----------
    checkpoints : Checkpoints
        Those of the whole run.
    case, dtype, subject, backend, seed
        The cell's; sides by their names.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        case: TrainingCase,
        dtype: str,
        subject: str,
        backend: str,
        seed: int,
    ) -> None:
        cell = {"case": case, "dtype": dtype, "subject": subject, "backend": backend, "seed": seed}
        self.every = checkpoints.every
        self._made_by = {"schema": str(SCHEMA), **dict(_flat("", msgspec.to_builtins(cell)))}
        self._made_by |= checkpoints.circumstances
        if case.data.startswith(MNIST):
            self._made_by["contents of the data"] = _digest_of_data(case.data)
        name = f"{case.id.replace('/', '.')}.{dtype}.{subject}.{backend}"
        self.path = Path(checkpoints.folder) / f"{quote(name, safe=' ')}.json"
        self._arrays = [self.path.with_suffix(f".{part}.npz") for part in "ab"]
        self._held = ""  # the .npz file that the JSON speaks of

    def load(self) -> Reached | TrainingResult | None:
        """Return how far the run has come, or its result, or None if there is no checkpoint.

        Raises
        ------
        CheckpointError
            If it is damaged, or made by another configuration; it says which.
        """
        found = self._read()
        if found is None or isinstance(found, _Finished):
            return None if found is None else found.result
        self._held = found.arrays
        file = self.path.with_name(Path(found.arrays).name)
        data = _tried(file, file.read_bytes)
        if hashlib.sha256(data).hexdigest() != found.checksum:
            _refuse(file, "whose checksum is another than its JSON has")
        arrays = _tried(file, lambda: read_npz(file, max_bytes=MAX_BYTES))
        return _tried(file, lambda: _unpacked(found, arrays))

    def save(self, reached: Reached) -> None:
        """Write how far the run has come; the last checkpoint stays until this one is whole."""
        file = self._arrays[self._held == self._arrays[0].name]
        arrays: list[Array] = []
        begun = _packed(reached, arrays)
        with self._writing():
            write_npz(file, {str(i): a for i, a in enumerate(arrays)})
            checksum = hashlib.sha256(file.read_bytes()).hexdigest()
        self._write(_Begun(self._made_by, file.name, checksum, *begun))
        self._held = file.name

    def finish(self, result: TrainingResult) -> None:
        """Write a run's result in place of how far it came."""
        self._write(_Finished(self._made_by, result))
        with self._writing():
            for file in self._arrays:
                file.unlink(missing_ok=True)

    def _read(self) -> _Begun | _Finished | None:
        if not self.path.exists():
            return None
        data = _tried(self.path, self.path.read_bytes)
        file = _tried(self.path, lambda: msgspec.json.decode(data, type=_File))
        if hashlib.sha256(bytes(file.checkpoint)).hexdigest() != file.checksum:
            _refuse(self.path, "whose checksum is another than it has itself")
        # Before the rest, which another version may have laid out in another way.
        made_by = _tried(self.path, lambda: msgspec.json.decode(file.checkpoint, type=_MadeBy))
        self._check(made_by.made_by)
        return _tried(self.path, lambda: _decoder.decode(file.checkpoint))

    def _check(self, theirs: Mapping[str, str]) -> None:
        mine = self._made_by
        names = [*mine, *sorted(theirs.keys() - mine.keys())]
        other = [
            f"{name} was {theirs.get(name, 'not there')} and is {mine.get(name, 'not there')}"
            for name in names
            if mine.get(name) != theirs.get(name)
        ]
        if other:
            raise CheckpointError(
                "checkpoint",
                got=f"{self.path}, made by another configuration: {'; '.join(other)}",
                needs="a checkpoint of the run that is asked for",
                cause="Choose another folder, or remove the file to run the cell again.",
            )

    def _write(self, checkpoint: _Begun | _Finished) -> None:
        body = msgspec.json.encode(checkpoint)
        file = _File(hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
        temporary = self.path.with_suffix(".part")
        with self._writing(), temporary.open("wb") as stream:
            stream.write(msgspec.json.encode(file))
            stream.flush()
            os.fsync(stream.fileno())
        with self._writing():
            temporary.replace(self.path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Make the folder, and refuse what cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise CheckpointError(
                "checkpoint",
                got=f"{self.path}, which cannot be written ({error})",
                needs="a folder that can be written to",
                cause="Is there room, and is the path right?",
            ) from error


class _MadeBy(msgspec.Struct, frozen=True):
    made_by: dict[str, str]


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the names and values of nested mappings: ``case.optimizer_options.lr``, ``0.1``."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    else:
        yield prefix, str(value)


def _digest_of_data(name: str) -> str:
    digest = hashlib.sha256()
    for a in load(name)[:4]:
        digest.update(np.ascontiguousarray(a).data)
    return digest.hexdigest()


def _packed(reached: Reached, arrays: list[Array]) -> tuple[Any, ...]:
    """Put every array of a run into ``arrays``; return the rest, as a :class:`_Begun` has it."""

    def put(a: Any) -> int:
        arrays.append(np.asarray(a))
        return len(arrays) - 1

    def state(s: State) -> _State:
        params = {name: put(a) for name, a in s.params.items()}
        slots = {k: {name: put(a) for name, a in v.items()} for k, v in s.slots.items()}
        return _State(params, slots, s.done)

    tensors = list(dict.fromkeys(r.tensor for r in reached.ratios))
    number = {name: i for i, name in enumerate(tensors)}
    rows = [(number[r.tensor], r.step, r.subject, r.backend) for r in reached.ratios]
    running, r = None, reached.running
    if r is not None:
        running = _Running(
            {name: state(s) for name, s in r.states.items()},
            [state(s) for s in r.twins],
            put(_table(r.losses, 2)),
            put(_table(r.trail, 2)),
            r.horizon,
            r.reason,
        )
    return state(reached.state), tensors, put(_table(rows, 4)), running


def _table(rows: list[Any], columns: int) -> Array:
    return np.array(rows, np.float64).reshape(-1, columns)


def _unpacked(found: _Begun, arrays: Mapping[str, Array]) -> Reached:
    def get(table: Mapping[str, int]) -> Values:
        return {name: arrays[str(i)] for name, i in table.items()}

    def state(s: _State) -> State:
        return State(get(s.params), {k: get(v) for k, v in s.slots.items()}, s.done)

    def pairs(i: int) -> list[tuple[float, float]]:
        return [(a, b) for a, b in arrays[str(i)].tolist()]

    ratios = [
        Ratio(found.tensors[int(i)], int(step), subject, backend)
        for i, step, subject, backend in arrays[str(found.ratios)].tolist()
    ]
    running, r = None, found.running
    if r is not None:
        running = Running(
            {name: state(s) for name, s in r.states.items()},
            [state(s) for s in r.twins],
            pairs(r.losses),
            pairs(r.trail),
            r.horizon,
            r.reason,
        )
    return Reached(state(found.state), ratios, running)


def _tried(file: Path, task: Callable[[], T]) -> T:
    """Return what ``task`` reads from a file, or refuse the file."""
    try:
        return task()
    except (OSError, DataFileError, msgspec.MsgspecError, ValueError, LookupError) as error:
        _refuse(file, f"which cannot be read ({error})", error)


def _refuse(file: Path, what: str, error: Exception | None = None) -> NoReturn:
    raise CheckpointError(
        "checkpoint",
        got=f"{file}, {what}",
        needs="a whole checkpoint",
        cause="Is it damaged? Remove the run's .json to run it from the start.",
    ) from error
