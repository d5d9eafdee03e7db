"""Arrays from .npz files, without pickle and with their headers checked first."""

from __future__ import annotations

import math
import os
from collections.abc import Collection
from typing import IO, TYPE_CHECKING, NoReturn

import numpy as np
from numpy.lib import format as npy

from refnet import checks
from refnet.arrays import Array
from refnet.errors import DataFileError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_BYTES = 1 << 30


def read_npz(
    path: str | os.PathLike[str], names: Collection[str], *, max_bytes: int = MAX_BYTES
) -> dict[str, Array]:
    """Return the named arrays of an .npz file.

    Each member's header is read first: its shape and dtype must agree with its size, and all of
    them together must fit ``max_bytes``, so a small file cannot ask for a large allocation. Nothing
    is unpickled.

    Parameters
    ----------
    path : path
        The file.
    names : collection of str
        The arrays to read; others in the file are left alone.
    max_bytes : int
        Refuse files whose named arrays are larger together, 1 GiB by default.

    Raises
    ------
    DataFileError
        If the file is missing, unreadable or no .npz file, lacks a name, is truncated or damaged,
        holds objects, or is larger than ``max_bytes``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "pair.npz"
    ...     np.savez(file, a=np.arange(3), b=np.ones(2))
    ...     print(read_npz(file, ["a"]))
    {'a': array([0, 1, 2])}
    """
    limit = checks.count("read_npz", "max_bytes", max_bytes)
    import zipfile  # slow to import, and needed only here
    import zlib

    file = os.fspath(path)
    try:
        with zipfile.ZipFile(file) as archive:
            members = {name: _member(archive, file, name) for name in names}
            total = sum(info.file_size for info in members.values())
            if total > limit:
                _refuse(
                    file,
                    f"whose arrays take {total:,} bytes",
                    f"Is it damaged? The limit is max_bytes={limit:,}.",
                )
            return {name: _read(archive, file, info) for name, info in members.items()}
    except DataFileError:
        raise
    # A damaged archive fails in any of these ways, depending on where it is damaged.
    except (
        OSError,
        EOFError,
        ValueError,
        TypeError,
        MemoryError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
        SyntaxError,
    ) as error:
        raise DataFileError(
            "read_npz",
            got=f"{file}, which cannot be read ({error or type(error).__name__})",
            needs="a readable .npz file",
            cause="Is the path right, and the download complete?",
        ) from error


def _member(archive: ZipFile, file: str, name: str) -> ZipInfo:
    try:
        return archive.getinfo(f"{name}.npy")
    except KeyError:
        held = ", ".join(n.removesuffix(".npy") for n in archive.namelist()) or "nothing"
        _refuse(file, f"without {name!r}", f"It holds {held}.")


def _read(archive: ZipFile, file: str, info: ZipInfo) -> Array:
    with archive.open(info) as stream:
        shape, fortran_order, dtype = _header(stream)
        if dtype.hasobject:
            _refuse(file, f"whose {info.filename} holds Python objects", "They are not unpickled.")
        size = math.prod(shape) * dtype.itemsize
        left = info.file_size - stream.tell()
        if size != left:
            _refuse(
                file,
                f"whose {info.filename} asks for {size:,} bytes and has {left:,}",
                "Is it damaged?",
            )
        data = stream.read(size)
    if len(data) != size:
        _refuse(file, f"whose {info.filename} ends early", "Is it damaged?")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C")
    return array.astype(dtype.newbyteorder("="))


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    version = npy.read_magic(stream)
    if version == (1, 0):
        return npy.read_array_header_1_0(stream)
    return npy.read_array_header_2_0(stream)


def _refuse(file: str, what: str, cause: str) -> NoReturn:
    raise DataFileError(
        "read_npz", got=f"{file}, {what}", needs="a whole .npz file of plain arrays", cause=cause
    )
