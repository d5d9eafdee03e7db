"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from parity.errors import OutputError


def write_whole(path: Path, data: bytes | str) -> Path:
    """Write a file and return its path: what was there is replaced once the new one is on the disk.

    Its folder is made where there is none. Text is written as UTF-8. A link stays one, and what is
    no file (a pipe, a device) is written to.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is still there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "new" / "a.txt", "some text").read_text()
    'some text'
    """
    raw = data.encode() if isinstance(data, str) else data
    place = path.resolve() if path.is_symlink() else path
    part = place.with_name(f"{place.name}.part")
    try:
        if place.exists() and not place.is_file() and not place.is_dir():
            with place.open("wb") as stream:
                stream.write(raw)
            return path
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(
            "write",
            got=f"{path}, which cannot be written ({error.strerror or error})",
            needs="a folder that can be written to, on a disk that is not full",
            cause="Is the path right?",
        ) from error
    return path
