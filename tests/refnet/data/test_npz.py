from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

import refnet as rn
from refnet import DataFileError


def saved(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def test_reads_what_is_asked_for(tmp_path):
    a, b = np.arange(12, dtype="i4").reshape(3, 4), np.asfortranarray(np.ones((2, 3)))
    file = saved(tmp_path / "f.npz", a=a, b=b, c=np.zeros(1))
    got = rn.data.read_npz(file, ["b", "a"])
    assert list(got) == ["b", "a"]
    np.testing.assert_array_equal(got["a"], a)
    np.testing.assert_array_equal(got["b"], b)
    got["a"][0] = 7  # its own memory
    np.testing.assert_array_equal(rn.data.read_npz(str(file), ["a"])["a"], a)


def with_member(path, header, data=b"", name="a.npy"):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, header)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, buffer.getvalue() + data)
    return path


def test_the_header_is_checked_before_anything_is_allocated(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (65536, 65536)}
    file = with_member(tmp_path / "f.npz", header)
    with pytest.raises(DataFileError, match="asks for 34,359,738,368 bytes and has 0"):
        rn.data.read_npz(file, ["a"])
    header["shape"] = (3,)
    for data in (bytes(16), bytes(32)):
        file = with_member(tmp_path / "f.npz", header, data)
        with pytest.raises(DataFileError, match=r"asks for 24 bytes"):
            rn.data.read_npz(file, ["a"])
    file = saved(tmp_path / "f.npz", a=np.zeros(2**20))  # a few KiB that hold 8 MiB
    with pytest.raises(DataFileError, match="max_bytes=1,048,576"):
        rn.data.read_npz(file, ["a"], max_bytes=2**20)


def test_nothing_is_unpickled(tmp_path):
    file = saved(tmp_path / "f.npz", a=np.array([print], object))
    with pytest.raises(DataFileError, match="not unpickled"):
        rn.data.read_npz(file, ["a"])


def test_refuses_damaged_files(tmp_path):
    whole = saved(tmp_path / "f.npz", a=np.arange(1000)).read_bytes()
    with pytest.raises(DataFileError, match="It holds a"):
        rn.data.read_npz(tmp_path / "f.npz", ["x_train"])
    damaged = {
        "empty": b"",
        "text": b"no zip file",
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:90] + bytes(b ^ 0xFF for b in whole[90:110]) + whole[110:],
    }
    for name, content in damaged.items():
        file = tmp_path / f"{name}.npz"
        file.write_bytes(content)
        with pytest.raises(DataFileError, match=name):
            rn.data.read_npz(file, ["a"])
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("a.npy", b"not an array")
    with pytest.raises(DataFileError, match=r"text\.npz"):
        rn.data.read_npz(tmp_path / "text.npz", ["a"])
    with pytest.raises(DataFileError, match="Is the path right"):
        rn.data.read_npz(tmp_path / "nothing.npz", ["a"])
    with pytest.raises(DataFileError):
        rn.data.read_npz(tmp_path, ["a"])
