"""What a reader says to files that are whole, damaged, of another kind or hostile."""

from __future__ import annotations

import json
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.errors import (
    DamagedRecordingError,
    NewerRecordingError,
    NotARecordingError,
    RecordingError,
    SelectionError,
)
from parity.trace import Recorder, Recording
from parity.trace.format import FRAME_SIZE, INFO, MAGIC, PREAMBLE, STEP, encode_frame


@pytest.fixture
def three(tmp_path):
    path = tmp_path / "three"
    with Recorder(path, optimizer="SGD") as rec:
        for t in range(3):
            tensors = {
                "parameter/w": np.full((2, t + 1), t, np.float32),
                "mask/d": np.ones(2, bool),
            }
            rec.write(10 * t, {**tensors, "loss": 0.5} if t else tensors)
    return path


def frame(kind, header, data=b"", data_length=None, header_length=None):
    """A frame with sums that match, whatever its lengths claim."""
    fixed = struct.pack(
        "<4sIQII",
        kind,
        len(header) if header_length is None else header_length,
        len(data) if data_length is None else data_length,
        zlib.crc32(header),
        zlib.crc32(data),
    )
    return fixed + struct.pack("<I", zlib.crc32(fixed)) + header + data


def step(tensors, data=b"", number=1, **more):
    return frame(STEP, json.dumps({"step": number, "tensors": tensors, **more}).encode(), data)


def recording(path, *frames):
    path.write_bytes(PREAMBLE + frame(INFO, b"{}") + b"".join(frames))
    return Recording(path)


def test_what_it_tells(three):
    r = Recording(three)
    assert r.info == {"optimizer": "SGD"}
    assert (len(r), r.steps, r.torn) == (3, [0, 10, 20], False)
    assert list(r.names) == ["parameter/w", "mask/d", "loss"]
    assert r.names["parameter/w"] == ("float32", (2, 1), 3, True)
    assert r.names["mask/d"] == ("bool", (2,), 3, False)
    assert r.names["loss"] == ("float64", (), 2, False)
    assert [s.step for s in r] == [s.step for s in r]  # again from the start
    assert repr(r) == f"Recording({str(three)!r})"


def test_a_step_by_its_number(three):
    r = Recording(three)
    for t in (20, 0, 10):
        assert (r.at(t).parameters["w"] == t / 10).all()
    for t in (-1, 5, 21):
        with pytest.raises(SelectionError, match=rf"step {t} of .* \(0 to 20\)"):
            r.at(t)
    with pytest.raises(SelectionError, match="none"):
        recording(three).at(1)


def test_a_file_that_another_process_still_writes(three):
    first = Recording(three)
    steps = iter(first)
    next(steps)
    with Recorder(three, resume=True) as rec:
        rec.write(30, {})
        assert first.steps == [0, 10, 20, 30]
        rec.write(40, {})
        assert Recording(three).steps[-1] == 40
    assert [s.step for s in steps] == [10, 20]  # as it was when the iteration began


def test_a_file_that_changes_under_the_reader(three):
    r = Recording(three)
    assert len(r) == 3
    os.truncate(three, three.stat().st_size - 1)
    with pytest.raises(RecordingError, match="changed while"):
        r.at(20)


@pytest.mark.parametrize(
    "content", [b"no recording", b"\x89PNG\r\n\x1a\n", MAGIC.replace(b"\r", b"")]
)
def test_other_files(content, tmp_path):
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(NotARecordingError, match="it, which begins with"):
        Recording(tmp_path / "it")


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(RecordingError, match="cannot be read"):
            Recording(path)


def test_versions(tmp_path):
    for version, error in ((2, NewerRecordingError), (2**32 - 1, NewerRecordingError)):
        (tmp_path / "it").write_bytes(MAGIC + struct.pack("<I", version) + frame(INFO, b"{}"))
        with pytest.raises(error, match=f"version {version}"):
            Recording(tmp_path / "it")
    (tmp_path / "it").write_bytes(MAGIC + bytes(4))
    with pytest.raises(DamagedRecordingError, match="version of 0"):
        Recording(tmp_path / "it")


def test_every_flipped_byte_is_noticed(three):
    data = bytearray(three.read_bytes())
    for i in range(len(data)):
        for bits in (0x01, 0xFF):
            data[i] ^= bits
            three.write_bytes(data)
            with pytest.raises((DamagedRecordingError, NotARecordingError, NewerRecordingError)):
                list(Recording(three)), Recording(three).info
            data[i] ^= bits


def test_damage_leaves_the_steps_before_it(three):
    r = Recording(three)
    data = bytearray(three.read_bytes())
    data[r.scan.ends[1] - 1] ^= 1  # the last value of step 10
    three.write_bytes(data)
    steps = iter(Recording(three))
    assert next(steps).step == 0
    with pytest.raises(DamagedRecordingError, match=r"step 10\) has data whose checksum"):
        next(steps)
    assert Recording(three).at(20).step == 20
    assert Recording(three).steps == [0, 10, 20]  # headers are whole


HUGE = 2**62


@pytest.mark.parametrize(
    ("name", "hostile"),
    {
        "sizes": step([["a", "float64", [HUGE, HUGE, HUGE]]]),
        "one size": step([["a", "float64", [2**40]]]),
        "beside a zero": step([["a", "float64", [0, HUGE, HUGE]]]),
        "too few bytes": step([["a", "float64", [3]]], bytes(16)),
        "too many bytes": step([["a", "float64", [1]]], bytes(16)),
        "negative": step([["a", "float64", [-1]]]),
        "no integer": step([["a", "float64", [1.5]]], bytes(12)),
        "beyond 64 bits": step([["a", "float64", [2**70]]]),
        "dimensions": step([["a", "float64", [1] * 65]], bytes(8)),
        "objects": step([["a", "object", [1]]], bytes(8)),
        "texts": step([["a", "<U8", [1]]], bytes(32)),
        "dtype": step([["a", "float65", [1]]], bytes(8)),
        "records": step([["a", "f4,f4", [1]]], bytes(8)),
        "bools": step([["a", "bool", [2]]], b"\x01\x02"),
        "a name twice": step([["a", "int8", [1]], ["a", "int8", [1]]], bytes(2)),
        "no name": step([["", "int8", [1]]], bytes(1)),
        "NUL": step([["a\0", "int8", [1]]], bytes(1)),
        "escape": step([["\x1b[2J", "int8", [1]]], bytes(1)),
        "step": step([], number=-1),
        "step beyond": step([], number=2**63),
        "backwards": step([], number=3) + step([], number=3),
        "kind": frame(b"XXXX", b"{}"),
        "no JSON": frame(STEP, b"\xff"),
        "no object": frame(STEP, b"[]"),
        "a short tensor": step([["a", "int8"]]),
        "nested": frame(STEP, b'{"step":1,"tensors":[],"info":' + b"[" * 100_000),
        "info": frame(INFO, b"[]"),
        "deep info": frame(INFO, b'{"a":' + b"[" * 100_000),
    }.items(),
)
def test_hostile_frames_are_refused_before_room_is_made(name, hostile, tmp_path):
    r = recording(tmp_path / "it", hostile, step([], number=9))
    tracemalloc.start()
    try:
        with pytest.raises(DamagedRecordingError, match="whose frame at byte"):
            list(r), r.info
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 21


@pytest.mark.parametrize("lengths", [{"data_length": 2**64 - 1}, {"header_length": 2**32 - 1}])
def test_lengths_beyond_the_file_are_a_torn_end(lengths, tmp_path):
    r = recording(tmp_path / "it", step([], number=4), frame(STEP, b"{}", b"", **lengths))
    assert [s.step for s in r] == r.steps == [4]
    assert r.torn


def test_the_first_frame_is_info(tmp_path):
    (tmp_path / "it").write_bytes(PREAMBLE + step([]))
    with pytest.raises(DamagedRecordingError, match="first and not INFO"):
        len(Recording(tmp_path / "it"))


def test_the_format_is_as_it_is_described(tmp_path):
    """The bytes, put together by hand: they may not change without a new version."""
    with Recorder(tmp_path / "r", lr=0.5) as rec:
        rec.write(7, {"a": np.array([[1, 2]], ">i2"), "b": True}, {"epoch": 1})
    header = b'{"step":7,"tensors":[["a","int16",[1,2]],["b","bool",[]]],"info":{"epoch":1}}'
    assert (tmp_path / "r").read_bytes() == (
        bytes.fromhex("89 50 54 52 0D 0A 1A 0A 01 00 00 00")
        + frame(b"INFO", b'{"lr":0.5}')
        + frame(b"STEP", header, b"\x01\x00\x02\x00\x01")
    )
    assert FRAME_SIZE == len(frame(STEP, b"")) == len(encode_frame(STEP, b""))


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, begun):
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes((PREAMBLE + frame(INFO, b"{}") if begun else b"") + data)
    try:
        assert list(Recording(path)) == []
        assert Recording(path).torn or not data
    except RecordingError as error:
        assert "any-bytes" in str(error)  # noqa: PT017
