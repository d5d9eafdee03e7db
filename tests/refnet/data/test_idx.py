from __future__ import annotations

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DataFileError, OptionError

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def encoded(a, code=None):
    code = CODES[a.dtype.str[1:]] if code is None else code
    header = bytes([0, 0, code, a.ndim]) + struct.pack(f">{a.ndim}I", *a.shape)
    return header + a.astype(a.dtype.newbyteorder(">")).tobytes()


@given(
    st.sampled_from(sorted(CODES)).flatmap(lambda d: hnp.arrays(d, hnp.array_shapes(max_dims=4))),
    st.booleans(),
)
def test_round_trip(tmp_path_factory, a, compressed):
    file = tmp_path_factory.mktemp("idx") / ("a.gz" if compressed else "a")
    file.write_bytes(gzip.compress(encoded(a)) if compressed else encoded(a))
    got = rn.data.read_idx(file)
    assert got.dtype == a.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got, a)
    assert got.flags.writeable
    assert rn.data.read_idx(str(file)).shape == a.shape


GOOD = encoded(np.arange(6, dtype="u1").reshape(2, 3))
HUGE = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**31, 2**31)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "starting with nothing"),
        (b"\0\0", "starting with 00 00"),
        (b"PK\x03\x04" + GOOD, "another format"),
        (b"\0\0\x07\x01" + GOOD[4:], "another format"),
        (GOOD[:6], "cut off in its header"),
        (GOOD[:-1], "with 5 bytes of data"),
        (GOOD + b"\0", "more than 6 bytes"),
        (HUGE, "asks for 9,903,520,314,283,042,199,192,993,792 bytes"),
    ],
)
def test_refuses_damaged_files(tmp_path, content, match, suffix):
    file = tmp_path / f"images{suffix}"
    file.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(DataFileError, match=match) as caught:
        rn.data.read_idx(file)
    assert "images" in str(caught.value)


def test_refuses_unreadable_files(tmp_path):
    with pytest.raises(DataFileError, match="Is the path right"):
        rn.data.read_idx(tmp_path / "nothing")
    with pytest.raises(DataFileError, match="cannot be read"):
        rn.data.read_idx(tmp_path)
    for content in (b"not gzip", gzip.compress(GOOD)[:-9], gzip.compress(GOOD)[:12]):
        (tmp_path / "a.gz").write_bytes(content)
        with pytest.raises(DataFileError, match=r"a\.gz"):
            rn.data.read_idx(tmp_path / "a.gz")


def test_a_small_file_can_not_ask_for_much(tmp_path):
    # 2 KiB of gzip that hold 2 MiB of zeros, whose header claims 6 bytes.
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(GOOD + bytes(2**21)))
    with pytest.raises(DataFileError, match="more than 6"):
        rn.data.read_idx(file)
    (tmp_path / "a").write_bytes(GOOD)
    with pytest.raises(DataFileError, match="max_bytes=5"):
        rn.data.read_idx(tmp_path / "a", max_bytes=5)
    for bad in (-1, True, 1.5):
        with pytest.raises(OptionError, match="max_bytes"):
            rn.data.read_idx(tmp_path / "a", max_bytes=bad)


def header(code, shape):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_small_file_cannot_ask_for_a_large_allocation(suffix, tmp_path):
    path = tmp_path / f"t-idx1-ubyte{suffix}"
    data = header(8, (2**30,))
    path.write_bytes(gzip.compress(data) if suffix else data)
    tracemalloc.start()
    try:
        with pytest.raises(rn.DataFileError, match="truncated"):
            rn.data.read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "shape", [(1,) * 65, (1,) * 255, (0, 2**32 - 1, 2**32 - 1, 2**32 - 1), (2**31,) * 3]
)
def test_shapes_that_no_array_has_are_refused(shape, tmp_path):
    path = tmp_path / "t-idx-ubyte"
    path.write_bytes(header(8, shape) + b"\0")
    with pytest.raises(rn.DataFileError):
        rn.data.read_idx(path, max_bytes=2**200)


def test_paths_that_no_file_has_are_refused():
    for path in ("a\0b", "\udcff\ud800"):
        with pytest.raises(rn.DataFileError):
            rn.data.read_idx(path)
