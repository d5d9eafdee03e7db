from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

import refnet as rn
from refnet import DataFileError, DtypeError, OptionError, ShapeError


def write_idx(path, a):
    header = bytes([0, 0, 8, a.ndim]) + struct.pack(f">{a.ndim}I", *a.shape)
    data = header + a.astype("u1").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def images(n):
    rng = np.random.default_rng(n)
    return rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n).astype(np.uint8)


def write_pair(folder, part, n, suffix=""):
    x, t = images(n)
    write_idx(folder / f"{part}-images-idx3-ubyte{suffix}", x)
    write_idx(folder / f"{part}-labels-idx1-ubyte{suffix}", t)
    return x, t


def test_a_folder_with_both_pairs(tmp_path):
    x, t = write_pair(tmp_path, "train", 5)
    test_x, test_t = write_pair(tmp_path, "t10k", 3, ".gz")
    found = rn.data.mnist(tmp_path)
    np.testing.assert_array_equal(found.train.images, x)
    np.testing.assert_array_equal(found.train.labels, t)
    np.testing.assert_array_equal(found.test.images, test_x)
    np.testing.assert_array_equal(found.test.labels, test_t)
    assert found.test.labels.dtype == np.int64
    assert found.train.white == 255


def test_a_folder_with_one_pair(tmp_path):
    write_pair(tmp_path, "t10k", 3, ".gz")
    found = rn.data.mnist(str(tmp_path))
    assert found.train is None
    assert len(found.test.images) == 3


def test_an_npz_file(tmp_path):
    x, t = images(4)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=t, x_test=x[:2], y_test=t[:2])
    found = rn.data.mnist(tmp_path / "mnist.npz")
    np.testing.assert_array_equal(found.train.images, x)
    assert found.test.labels.tolist() == t[:2].tolist()


def test_refuses(tmp_path):
    with pytest.raises(DataFileError, match="folder without MNIST's files"):
        rn.data.mnist(tmp_path)
    with pytest.raises(DataFileError, match="cannot be read"):
        rn.data.mnist(tmp_path / "nothing.npz")
    x, t = images(4)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", x)
    with pytest.raises(DataFileError, match="t10k-images-idx3-ubyte but not its other half"):
        rn.data.mnist(tmp_path)
    for bad in (t[:3], t + 10):
        write_idx(tmp_path / "t10k-labels-idx1-ubyte", bad)
        with pytest.raises(DataFileError, match="labels"):
            rn.data.mnist(tmp_path)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", t)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", x[:, :27])
    with pytest.raises(DataFileError, match=r"\(4, 27, 28\)"):
        rn.data.mnist(tmp_path)
    np.savez(tmp_path / "f.npz", x_train=x / 255, y_train=t, x_test=x, y_test=t)
    with pytest.raises(DataFileError, match="float64"):
        rn.data.mnist(tmp_path / "f.npz")


def test_as_rows():
    data = rn.data.Images(np.array([[[0, 51], [204, 255]]], np.uint8), np.array([3]), 255)
    rows = rn.data.as_rows(data, np.float64)
    np.testing.assert_allclose(rows, [[-1, -0.6, 0.6, 1]], rtol=1e-15)
    assert rn.data.as_rows(data).dtype == np.float32
    with pytest.raises(DtypeError, match="uint8"):
        rn.data.as_rows(data, np.uint8)
    with pytest.raises(ShapeError, match=r"\(N, H, W\)"):
        rn.data.as_rows(data._replace(images=data.images[0]))
    for white in (0, -1, True, 2.5):
        with pytest.raises(OptionError, match="white"):
            rn.data.as_rows(data._replace(white=white))


def test_digits():
    data = rn.data.digits()
    assert data.images.shape == (1797, 8, 8)
    assert data.images.dtype == np.uint8
    assert set(data.labels.tolist()) == set(range(10))
    rows = rn.data.as_rows(data)
    assert (rows.min(), rows.max()) == (-1, 1)


def test_real_mnist(mnist_path):
    found = rn.data.mnist(mnist_path)
    part = found.test or found.train
    assert part.images.shape[1:] == (28, 28)
    assert len(part.images) == len(part.labels) >= 10000
    assert np.bincount(part.labels, minlength=10).min() > 800
