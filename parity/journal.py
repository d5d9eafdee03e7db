"""The journal of a run: every result as soon as it is there, so that a run goes on after a kill.

A file of JSON lines. The first says what made it; each other holds one cell. A line that was cut
off is as if it had not been written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from parity.errors import JournalError, OutputError
from parity.files import write_whole
from parity.result import CellResult, TrainingResult

NAME = "journal.jsonl"
SCHEMA = 1


class _Head(msgspec.Struct, frozen=True, kw_only=True, tag="head", forbid_unknown_fields=True):
    schema: int
    made_by: dict[str, str]


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag="cell", forbid_unknown_fields=True):
    """One cell that was run: its key, what it found and how long it took."""

    key: str
    seconds: float
    cell: CellResult | None = None
    training: TrainingResult | None = None


class Journal:
    """The results of a run that are on the disk; a context manager.

    ``made_by`` says in words what the results depend on beside the cell: a journal of other
    circumstances is not gone on with.

    Raises
    ------
    JournalError
        If the file is of other circumstances, damaged, or cannot be read or written.
    """

    def __init__(self, path: Path, made_by: Mapping[str, str], *, resume: bool) -> None:
        self.path = path
        self.done: dict[str, Entry] = {}
        head = _Head(schema=SCHEMA, made_by=dict(made_by))
        if resume and path.exists():
            self._read(head)
        lines = [head, *self.done.values()]
        try:
            write_whole(path, b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            # Without a buffer: what could not be written is not tried again when it is closed.
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error

    def add(self, entry: Entry) -> None:
        """Write one cell, whole or not at all to whoever reads it.

        Raises
        ------
        JournalError
            If it cannot be written. Every cell before it is in the file.
        """
        data = msgspec.json.encode(entry) + b"\n"
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> JournalError:
        why = f"which cannot be written ({error.strerror or error})"
        return JournalError(
            "journal",
            got=error.got if isinstance(error, OutputError) else f"{self.path}, {why}",
            needs="a folder that can be written to, on a disk that is not full",
            cause="Is the path of --out right? With room on the disk, --resume goes on.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _read(self, expected: _Head) -> None:
        """Read what is whole in the file."""
        decoder = msgspec.json.Decoder(_Head | Entry)
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise JournalError(
                "journal",
                got=f"{self.path}, which cannot be read ({error.strerror})",
                needs="a journal of an earlier run",
                cause="Is the path of --out right?",
            ) from error
        whole = lines[:-1]  # what follows the last newline was cut off
        try:
            found = [decoder.decode(line) for line in whole]
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise JournalError(
                "journal",
                got=f"{self.path}, which is damaged ({error})",
                needs="the journal as the earlier run left it",
                cause="Run without --resume to begin anew.",
            ) from error
        if not found:  # cut off in its first line
            return
        head = found[0]
        if head != expected:
            raise JournalError(
                "journal",
                got=f"{self.path} of another run{_difference(head, expected)}",
                needs="the same request, versions, machine and code",
                cause="Run without --resume to begin anew.",
            )
        for entry in found[1:]:
            if isinstance(entry, Entry):
                self.done.setdefault(entry.key, entry)


def _difference(head: _Head | Entry, expected: _Head) -> str:
    if not isinstance(head, _Head):
        return ""
    names = {**head.made_by, **expected.made_by}
    for name in names:
        was, now = head.made_by.get(name), expected.made_by.get(name)
        if was != now:
            return f": {name} was {was}, and is {now}"
    return f": its schema was {head.schema}, and is {expected.schema}"
