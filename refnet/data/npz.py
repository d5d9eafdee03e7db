"""Arrays in .npz files: read without pickle, headers checked first; written whole or not at all."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
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
    path: str | os.PathLike[str],
    names: Collection[str] | None = None,
    *,
    max_bytes: int = MAX_BYTES,
) -> dict[str, Array]:
    """Return the named arrays of an .npz file, or all of them.

    Each member's header is read first: its shape and dtype must agree with its size, and all of
    them together must fit ``max_bytes``, so a small file cannot ask for a large allocation. Nothing
    is unpickled.

    Parameters
    ----------
    path : path
        The file.
    names : collection of str
        The arrays to read; others in the file are left alone. All of them by default.
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
            held = [n.removesuffix(".npy") for n in archive.namelist()]
            members = {name: _member(archive, file, name) for name in names or held}
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


def write_npz(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write arrays to an .npz file that :func:`read_npz` reads, whole or not at all.

    They are written to a temporary file beside it, which then takes its name: whatever was there
    before is there until then.

    Parameters
    ----------
    path : path
        The file; it is replaced.
    arrays : mapping
        Arrays by name, of numbers that .npy files can hold.

    Raises
    ------
    DataFileError
        If the file cannot be written, or an array holds objects or bfloat16.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "weights.npz"
    ...     write_npz(file, {"w": np.ones(2)})
    ...     print(read_npz(file))
    {'w': array([1., 1.])}
    """
    file = os.fspath(path)
    for name, a in arrays.items():
        if np.asarray(a).dtype.kind not in "biufc":
            raise DataFileError(
                "write_npz",
                got=f"{name} of dtype {np.asarray(a).dtype}",
                needs="arrays of NumPy's own numbers",
                cause="A .npy file holds objects only pickled, and bfloat16 as raw bytes.",
            )
    import tempfile
    import zipfile

    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
            dir=os.path.dirname(file) or ".", suffix=".npz", delete=False
        ) as stream:
            temporary = stream.name
            # savez takes names as keywords, one of which could be its own.
            with zipfile.ZipFile(stream, "w") as archive:
                for name, a in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        npy.write_array(member, np.asarray(a), allow_pickle=False)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        raise DataFileError(
            "write_npz",
            got=f"{file}, which cannot be written ({error})",
            needs="a path in a folder that can be written to",
            cause="Is the folder there, and is there room?",
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
