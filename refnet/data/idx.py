"""IDX files, the format of MNIST, plain or compressed with gzip."""

from __future__ import annotations

import math
import os
import struct
from typing import BinaryIO, NoReturn, cast

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.errors import DataFileError

MAX_BYTES = 1 << 30
MAX_DIMENSIONS = 64
CHUNK = 1 << 20
_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Array:
    """Return the array of an IDX file, in native byte order.

    The header says how much data there is: it is read first and checked against ``max_bytes``, and
    no more than that much is read, so a small file cannot ask for a large allocation.

    Parameters
    ----------
    path : path
        The file; compressed if its name ends in ``.gz``.
    max_bytes : int
        Refuse files whose data are larger, 1 GiB by default.

    Raises
    ------
    DataFileError
        If the file is missing, unreadable, not in IDX format, truncated, longer than its header
        says, or larger than ``max_bytes``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "two-labels-idx1-ubyte"
    ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    ...     print(read_idx(file))
    [7 9]
    """
    limit = checks.count("read_idx", "max_bytes", max_bytes)
    import gzip  # slow to import, and needed only here
    import zlib

    file = os.fspath(path)
    try:
        with open(file, "rb") as raw:
            compressed = file.endswith(".gz")
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
            return _read(stream, file, limit)
    except DataFileError:
        raise
    except (OSError, EOFError, ValueError, MemoryError, zlib.error) as error:
        raise DataFileError(
            "read_idx",
            got=f"{file}, which cannot be read ({error or type(error).__name__})",
            needs="a readable IDX file, plain or .gz",
            cause="Is the path right, and the download complete?",
        ) from error


def _read(stream: BinaryIO, file: str, limit: int) -> Array:
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _DTYPES:
        _refuse(file, f"starting with {start.hex(' ') or 'nothing'}", "Is it another format?")
    ndim = start[3]
    if ndim > MAX_DIMENSIONS:
        _refuse(file, f"of {ndim} dimensions", f"NumPy has at most {MAX_DIMENSIONS}.")
    lengths = stream.read(4 * ndim)
    if len(lengths) < 4 * ndim:
        _refuse(file, "cut off in its header", "Is the download complete?")
    shape = struct.unpack(f">{ndim}I", lengths)
    dtype = np.dtype(_DTYPES[start[2]])
    size = math.prod(shape) * dtype.itemsize
    if size > limit:
        _refuse(
            file,
            f"whose header asks for {size:,} bytes, shape {shape}",
            f"Is it damaged? The limit is max_bytes={limit:,}.",
        )
    data = _read_up_to(stream, size)
    if len(data) < size:
        _refuse(file, f"with {len(data):,} bytes of data", f"Its header says {size:,}: truncated.")
    if stream.read(1):
        _refuse(file, f"with more than {size:,} bytes of data", "Its header says no more.")
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


def _read_up_to(stream: BinaryIO, size: int) -> bytearray:
    """Return ``size`` bytes or what there is, allocating as they come."""
    data = bytearray()
    while len(data) < size:
        part = stream.read(min(CHUNK, size - len(data)))
        if not part:
            break
        data += part
    return data


def _refuse(file: str, what: str, cause: str) -> NoReturn:
    raise DataFileError("read_idx", got=f"{file}, {what}", needs="a whole IDX file", cause=cause)
