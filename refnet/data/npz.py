"""Arrays in .npz files: read without pickle, headers checked first; written whole or not at all."""

from __future__ import annotations

import math
import os
import secrets
import stat
import warnings
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib import format as npy

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import ArgumentError, DataFileError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_BYTES = 1 << 30
MAX_NAME = 65_000  # a .zip file has 16 bits for the length of a name, with its suffix


def read_npz(
    path: str | bytes | os.PathLike[str],
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
    ArgumentError
        If names is a single str or holds anything else, or path is no path.

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
    file = _decoded("read_npz", path)
    wanted = None if names is None else _wanted(names)
    import zipfile  # slow to import, and needed only here

    try:
        with zipfile.ZipFile(file) as archive:
            members = {
                name: _member(archive, file, name)
                for name in (_held(archive) if wanted is None else wanted)
            }
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
    # What zipfile, its decompressors and NumPy's parser of headers raise depends on where the file
    # is damaged, and none of it lists all that it can raise.
    except Exception as error:
        raise DataFileError(
            "read_npz",
            got=f"{file}, which cannot be read ({error or type(error).__name__})",
            needs="a readable .npz file",
            cause="Is the path right, and the download complete?",
        ) from error


def write_npz(path: str | bytes | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write arrays to an .npz file that :func:`read_npz` reads, whole or not at all.

    They are written to a temporary file beside it, which then takes its name: whatever was there
    before is there until then. The file that a symbolic link leads to is replaced, not the link. A
    file that was there keeps its mode; a new one gets what the umask leaves of 0o666.

    Parameters
    ----------
    path : path
        The file; it is replaced.
    arrays : mapping
        Arrays by name, of numbers that .npy files can hold.

    Raises
    ------
    DataFileError
        If the file cannot be written, a name cannot be held, or an array holds objects or bfloat16.
    ArgumentError
        If arrays is no mapping, or path no path.
    ShapeError, DtypeError
        If a value is no array: a ragged list, or a masked array.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "weights.npz"
    ...     write_npz(file, {"w": np.ones(2)})
    ...     print(read_npz(file))
    {'w': array([1., 1.])}
    """
    given = _decoded("write_npz", path)
    members = _members(arrays)
    try:
        file = os.path.realpath(given)
        temporary = os.path.join(os.path.dirname(file), f".{secrets.token_hex(8)}.npz")
        # Exclusively, so that nobody else's file or link is followed; the umask has its say.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temporary, flags, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                _write(stream, members)
            with suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(os.stat(file).st_mode))
            os.replace(temporary, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError) as error:
        raise DataFileError(
            "write_npz",
            got=f"{given}, which cannot be written ({error})",
            needs="a path in a folder that can be written to",
            cause="Is the folder there, and is there room?",
        ) from error


def _write(stream: IO[bytes], members: Mapping[str, Array]) -> None:
    import zipfile

    # savez takes names as keywords, one of which could be its own.
    with zipfile.ZipFile(stream, "w") as archive:
        for name, a in members.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                npy.write_array(member, a, allow_pickle=False)
    stream.flush()
    os.fsync(stream.fileno())


def _members(arrays: Mapping[str, Any]) -> dict[str, Array]:
    """Return the values as arrays by name, or refuse what a file cannot hold."""
    if not isinstance(arrays, Mapping):
        raise ArgumentError(
            "write_npz",
            got=f"arrays of type {type(arrays).__name__}",
            needs="a mapping from names to arrays",
            cause="Is a dict() missing?",
        )
    members: dict[str, Array] = {}
    for name, value in arrays.items():
        if not _can_be_named(name) or name in members:
            raise DataFileError(
                "write_npz",
                got=f"the name {str(name)[:40]!r} of type {type(name).__name__}",
                needs=f"distinct names of 1 to {MAX_NAME:,} bytes of UTF-8, without NUL",
                cause="Is it a number or a path, or text that was decoded wrongly?",
            )
        members[name] = a = as_array("write_npz", name, value)
        if a.dtype.kind not in "biufc":
            raise DataFileError(
                "write_npz",
                got=f"{name} of dtype {a.dtype}",
                needs="arrays of NumPy's own numbers",
                cause="A .npy file holds objects only pickled, and bfloat16 as raw bytes.",
            )
    return members


def _can_be_named(name: object) -> bool:
    if not isinstance(name, str) or not name or "\0" in name:
        return False
    try:
        return len(name.encode()) <= MAX_NAME
    except UnicodeEncodeError:  # a lone surrogate
        return False


def _decoded(op: str, path: Any) -> str:
    try:
        return os.fsdecode(path)
    except TypeError as error:
        raise ArgumentError(
            op,
            got=f"path={path!r} of type {type(path).__name__}",
            needs="a path as str, bytes or os.PathLike",
            cause="Was an open file passed, or the arguments in another order?",
        ) from error


def _member(archive: ZipFile, file: str, name: str) -> ZipInfo:
    try:
        return archive.getinfo(f"{name}.npy")
    except KeyError:
        held = ", ".join(_held(archive)) or "nothing"
        _refuse(file, f"without {name!r}", f"It holds {held}.")


def _held(archive: ZipFile) -> list[str]:
    return [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]


def _wanted(names: Any) -> list[str]:
    wanted = list(names) if isinstance(names, Iterable) and not isinstance(names, str) else []
    if (
        isinstance(names, str)
        or not isinstance(names, Iterable)
        or any(not isinstance(name, str) for name in wanted)
    ):
        raise ArgumentError(
            "read_npz",
            got=f"names={names!r}",
            needs="names as a collection of str, or None for every array",
            cause="Was a single name passed as a plain string?",
        )
    return wanted


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
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # text that Python warns of is no header
        if version == (1, 0):
            return npy.read_array_header_1_0(stream)
        return npy.read_array_header_2_0(stream)


def _refuse(file: str, what: str, cause: str) -> NoReturn:
    raise DataFileError(
        "read_npz", got=f"{file}, {what}", needs="a whole .npz file of plain arrays", cause=cause
    )
