"""The file format of recordings, version 1.

A file is a preamble and then frames, all integers little-endian::

    preamble   8 bytes 89 50 54 52 0D 0A 1A 0A, uint32 version
    frame      4 bytes "INFO" or "STEP"
               uint32 length of the header, uint64 length of the data
               uint32 CRC-32 of the header, uint32 CRC-32 of the data,
               uint32 CRC-32 of the 24 bytes before
               header, JSON in UTF-8
               data

The first frame is INFO: its header is an object, what the recorder was told about the run. Resumed
recordings may have more of them, later values replacing earlier ones. The header of STEP is
``{"step": t, "tensors": [[name, dtype, [sizes]], ...], "info": {...}}``, steps ascending, and its
data are the tensors' values one after another, in C order, little-endian, without padding. dtypes
are NumPy's names, ``bfloat16`` and ``float80``, x86's extended precision in 16 bytes.

A frame is written in one go and flushed. What ends before a frame does is *torn*: the process was
killed or the disk full, and everything before is whole. A checksum that does not match is damage
and raises, wherever it is. A reader checks every length against the bytes that the file has before
it makes room for them, and nothing is unpickled.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BufferedReader
from typing import Annotated, Any, NamedTuple, NoReturn

import msgspec
import numpy as np

from parity.errors import (
    DamagedRecordingError,
    NewerRecordingError,
    NotARecordingError,
    UnrecordableError,
)
from parity.trace.arrays import DTYPES, FLOAT80, Array, dtype_name, to_bytes

MAGIC = b"\x89PTR\r\n\x1a\n"
VERSION = 1
PREAMBLE = MAGIC + struct.pack("<I", VERSION)
INFO, STEP = b"INFO", b"STEP"
_FRAME = struct.Struct("<4sIQII")
_CRC = struct.Struct("<I")
FRAME_SIZE = _FRAME.size + _CRC.size
MAX_DIMENSIONS = 64
MAX_STEP = (1 << 63) - 1

Info = dict[str, Any]
Size = Annotated[int, msgspec.Meta(ge=0, le=MAX_STEP)]


class TensorHeader(msgspec.Struct, frozen=True, array_like=True):
    """A tensor's name, dtype and shape."""

    name: str
    dtype: str
    shape: list[Size]

    @property
    def nbytes(self) -> int:
        """Bytes of its values, exactly, however large the sizes claim to be."""
        return math.prod(self.shape) * DTYPES[self.dtype].itemsize


class StepHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step's number, its tensors in the order of their values, and what else was noted."""

    step: Size
    tensors: list[TensorHeader]
    info: Info = {}


class Frame(NamedTuple):
    """Where a frame is in the file, and its header's bytes, which are as they were written."""

    kind: bytes
    start: int
    end: int
    header: bytes
    data_length: int
    data_crc: int

    @property
    def data_start(self) -> int:
        """Where its data are."""
        return self.end - self.data_length


_decode_step = msgspec.json.Decoder(StepHeader).decode
_decode_info = msgspec.json.Decoder(Info).decode


def encode_info(info: Mapping[str, Any]) -> bytes:
    """Return information about a run or a step as JSON.

    Raises
    ------
    UnrecordableError
        If it holds what JSON does not: NaN, arrays, objects, keys that are no texts.
    """
    try:
        _check_keys(info)
        return json.dumps(info, allow_nan=False, default=_plain, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UnrecordableError(
            "Recorder",
            got=f"info that JSON does not hold ({error})",
            needs="texts, finite numbers, True, False, None, and lists and dicts of these",
            cause="Is it an array? Then record it as a tensor. NaN? Then write it as a text.",
        ) from error


def _check_keys(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is no text")
            _check_keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_keys(item)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is none of JSON's types")


def encode_step(
    step: int, tensors: Mapping[str, Array], info: Info
) -> tuple[bytes, list[memoryview]]:
    """Return a step's header, and its values as flat arrays of bytes."""
    headers = [
        TensorHeader(name, dtype_name(a.dtype) or "", list(a.shape)) for name, a in tensors.items()
    ]
    plain = msgspec.json.decode(encode_info(info)) if info else {}
    header = msgspec.json.encode(StepHeader(step, headers, plain))
    return header, [to_bytes(a) for a in tensors.values()]


def encode_frame(kind: bytes, header: bytes, data: Sequence[memoryview] = ()) -> bytes:
    """Return what stands in the file before the data: the frame's lengths and sums, its header."""
    data_crc, length = 0, 0
    for raw in data:
        data_crc = zlib.crc32(raw, data_crc)
        length += raw.nbytes
    fixed = _FRAME.pack(kind, len(header), length, zlib.crc32(header), data_crc)
    return fixed + _CRC.pack(zlib.crc32(fixed)) + header


def read_preamble(file: BufferedReader, path: str) -> bool:
    """Read the preamble; return whether the file ends within it.

    Raises
    ------
    NotARecordingError
        If the file begins with something else.
    NewerRecordingError
        If it is of a later version than this.
    """
    got = file.read(len(PREAMBLE))
    if got[: len(MAGIC)] != MAGIC[: len(got)]:
        raise NotARecordingError(
            "Recording",
            got=f"{path}, which begins with {got[:8].hex(' ')}",
            needs="a recording of parity.trace.Recorder",
            cause="Is it another file, or was it transferred as text?",
        )
    if len(got) < len(PREAMBLE):
        return True
    (version,) = _CRC.unpack(got[len(MAGIC) :])
    if version > VERSION:
        raise NewerRecordingError(
            "Recording",
            got=f"{path} of version {version}",
            needs=f"a recording of version {VERSION}",
            cause="It was written by a later parity: update this one.",
        )
    if version < 1:
        damaged(path, 0, "has a version of 0")
    return False


def read_frame(file: BufferedReader, path: str, size: int) -> Frame | None:
    """Return the frame at the file's position with its data unread, or None if it is torn.

    ``size`` is the file's length. The position is then at the data.

    Raises
    ------
    DamagedRecordingError
        If a checksum does not match.
    """
    start = file.tell()
    fixed = file.read(FRAME_SIZE)
    if len(fixed) < FRAME_SIZE:
        return None
    (crc,) = _CRC.unpack(fixed[_FRAME.size :])
    if zlib.crc32(fixed[: _FRAME.size]) != crc:
        damaged(path, start, "begins with a checksum that does not match")
    kind, header_length, data_length, header_crc, data_crc = _FRAME.unpack(fixed[: _FRAME.size])
    end = start + FRAME_SIZE + header_length + data_length
    if end > size:
        return None
    header = file.read(header_length)
    if len(header) < header_length:
        return None
    if zlib.crc32(header) != header_crc:
        damaged(path, start, "has a header whose checksum does not match")
    return Frame(kind, start, end, header, data_length, data_crc)


def step_header(frame: Frame, path: str) -> StepHeader:
    """Return a frame's header, checked against the length of its data.

    Raises
    ------
    DamagedRecordingError
        If it is malformed, of a kind or dtype that is none, or does not agree with its data.
    """
    if frame.kind != STEP:
        damaged(path, frame.start, f"is of the kind {frame.kind!r}")
    try:
        found = _decode_step(frame.header)
    except (msgspec.DecodeError, RecursionError) as error:
        damaged(path, frame.start, f"has a malformed header ({error})")
    names = {t.name for t in found.tensors}
    if len(names) < len(found.tensors) or not all(n and n.isprintable() for n in names):
        damaged(path, frame.start, "names tensors twice, or by control characters or nothing")
    for t in found.tensors:
        if t.dtype not in DTYPES:
            here = " (which this machine does not have)" if t.dtype == FLOAT80 else ""
            damaged(path, frame.start, f"has {t.name} of dtype {t.dtype[:40]!r}{here}")
        if len(t.shape) > MAX_DIMENSIONS:
            damaged(path, frame.start, f"has {t.name} of {len(t.shape)} dimensions")
    claimed = sum(t.nbytes for t in found.tensors)
    if claimed != frame.data_length:
        what = f"has tensors of {claimed:,} bytes in {frame.data_length:,}"
        damaged(path, frame.start, what)
    return found


def info_header(frame: Frame, path: str) -> Info:
    """Return what an INFO frame says.

    Raises
    ------
    DamagedRecordingError
        If it is malformed.
    """
    try:
        return _decode_info(frame.header)
    except (msgspec.DecodeError, RecursionError) as error:
        damaged(path, frame.start, f"has malformed info ({error})")


def read_tensors(
    file: BufferedReader, path: str, frame: Frame, header: StepHeader
) -> dict[str, Array] | None:
    """Return the tensors of a step whose header has been checked, or None if the file has ended.

    Raises
    ------
    DamagedRecordingError
        If the checksum does not match, or values are none of their dtype's.
    """
    tensors: dict[str, Array] = {}
    crc = 0
    for t in header.tensors:
        dtype = DTYPES[t.dtype].newbyteorder("<")
        try:
            a = np.empty(t.shape, dtype)
        except ValueError:  # sizes beyond any memory beside a 0
            damaged(path, frame.start, f"has {t.name} of shape {t.shape}")
        raw = a.reshape(-1).view(np.uint8).data
        if file.readinto(raw) != raw.nbytes:
            return None
        crc = zlib.crc32(raw, crc)
        tensors[t.name] = a.astype(DTYPES[t.dtype], copy=False)
    if crc != frame.data_crc:
        damaged(path, frame.start, f"(step {header.step}) has data whose checksum does not match")
    for name, a in tensors.items():
        if a.dtype == np.bool_ and a.size and a.view(np.uint8).max() > 1:
            damaged(path, frame.start, f"has {name} with bools that are neither 0 nor 1")
    return tensors


def damaged(path: str, place: int, what: str) -> NoReturn:
    """Say that the frame at ``place`` is not what was written."""
    raise DamagedRecordingError(
        "Recording",
        got=f"{path}, whose frame at byte {place:,} {what}",
        needs="the bytes that were written",
        cause="Was it changed, or copied over a faulty disk or line? Steps before it are whole.",
    )
