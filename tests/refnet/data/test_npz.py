from __future__ import annotations

import io
import os
import stat
import zipfile
from contextlib import suppress

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DataFileError, DtypeError, ShapeError
from refnet.data import read_npz, write_npz


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


def mode(file):
    return stat.S_IMODE(file.stat().st_mode)


def test_a_new_file_has_the_umask_s_mode_and_an_old_one_its_own(tmp_path):
    file = tmp_path / "it.npz"
    umask = os.umask(0o027)
    try:
        write_npz(file, {"a": np.ones(1)})
        assert mode(file) == 0o640
        file.chmod(0o604)
        write_npz(file, {"a": np.zeros(1)})
        assert mode(file) == 0o604
    finally:
        os.umask(umask)
    assert read_npz(file)["a"] == 0


def test_a_link_stays_a_link(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = tmp_path / "it.npz"
    link.symlink_to(folder / "real.npz")
    for value in (1, 2):
        write_npz(link, {"a": np.full(1, value)})
        assert link.is_symlink()
        assert read_npz(folder / "real.npz")["a"] == value
    assert list(folder.iterdir()) == [folder / "real.npz"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_nothing_is_left_behind(tmp_path, monkeypatch, error):
    def interrupted(*_args, **_options):
        raise error

    monkeypatch.setattr("refnet.data.npz.npy.write_array", interrupted)
    with pytest.raises(DataFileError if error is OSError else error):
        write_npz(tmp_path / "it.npz", {"a": np.ones(1)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arrays", "error", "match"),
    [
        ({1: np.ones(1)}, DataFileError, "'1' of type int"),
        ({"": np.ones(1)}, DataFileError, "the name ''"),
        ({"a\0b": np.ones(1)}, DataFileError, "without NUL"),
        ({"\ud800": np.ones(1)}, DataFileError, "UTF-8"),
        ({"a" * 65_001: np.ones(1)}, DataFileError, "65,000 bytes"),
        ({"a": [[1.0], [1.0, 2.0]]}, ShapeError, "ragged"),
        ({"a": np.ma.masked_array([1.0], [True])}, DtypeError, "masked"),
        ({"a": None}, DataFileError, "dtype object"),
        ([("a", np.ones(1))], ArgumentError, "of type list"),
    ],
)
def test_what_is_refused_is_refused_before_a_file_is_made(tmp_path, arrays, error, match):
    with pytest.raises(error, match=match):
        write_npz(tmp_path / "it.npz", arrays)
    assert list(tmp_path.iterdir()) == []


def test_paths(tmp_path):
    file = tmp_path / "it.npz"
    write_npz(os.fsencode(file), {"a" * 65_000: [1.0, 2.0]})
    assert read_npz(os.fsencode(file))["a" * 65_000].tolist() == [1, 2]
    with pytest.raises(DataFileError, match="null"):
        write_npz(f"{file}\0", {"a": np.ones(1)})
    for wrong in (3, None, io.BytesIO()):
        with pytest.raises(ArgumentError, match="path="):
            write_npz(wrong, {"a": np.ones(1)})
        with pytest.raises(ArgumentError, match="path="):
            read_npz(wrong)


def test_names_are_a_collection(tmp_path):
    file = saved(tmp_path / "f.npz", a=np.ones(1), b=np.ones(1))
    assert read_npz(file, []) == {}
    assert list(read_npz(file)) == ["a", "b"]
    for names in ("a", 3, [3]):
        with pytest.raises(ArgumentError, match="names="):
            read_npz(file, names)


def test_other_members_are_left_alone(tmp_path):
    file = saved(tmp_path / "f.npz", a=np.ones(1))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("README.txt", b"about a")
    assert list(read_npz(file)) == ["a"]


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,",
        b"{'descr': [], 'fortran_order': False, 'shape': ()}",
        b"{'descr': ('<f8', (1, 'x')), 'fortran_order': False, 'shape': ()}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1L,)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1if 1else 2,)}",
        b"(\x27\x27\x27",
        b"(" * 2000,
        b"\x00",
    ],
)
def test_hostile_headers(tmp_path, header):
    member = np.lib.format.magic(1, 0) + len(header).to_bytes(2, "little") + header
    file = tmp_path / "f.npz"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", member)
    with pytest.raises(DataFileError, match=r"f\.npz"):
        read_npz(file)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damaged_members(tmp_path, method, rng):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        member = io.BytesIO()
        np.lib.format.write_array(member, np.arange(50.0))
        archive.writestr("a.npy", member.getvalue())
    whole = buffer.getvalue()
    file = tmp_path / "f.npz"
    for _ in range(200):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            damaged[place] = rng.integers(0, 256)
        file.write_bytes(damaged)
        with suppress(DataFileError):  # none where the damage is in what nobody reads
            read_npz(file)
