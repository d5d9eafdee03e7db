"""A little MNIST, written as its files are."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from parity.runner import single_threaded


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    with single_threaded():  # as the commands are
        yield


def idx(array, code=8):
    return (
        bytes([0, 0, code, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def images(n, seed=0):
    """Ten shapes with noise, the first half of the images noisier than the second."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    shapes = np.random.default_rng(99).integers(0, 256, (10, 28, 28))
    noise = rng.integers(0, 256, (n, 28, 28))
    share = np.where(np.arange(n) < n // 2, 0.7, 0.2)[:, None, None]
    return (shapes[labels] * (1 - share) + noise * share).astype(np.uint8), labels


@pytest.fixture(scope="session")
def small_mnist(tmp_path_factory):
    """A folder with 400 test images alone."""
    folder = tmp_path_factory.mktemp("mnist")
    x, t = images(400)
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(x), mtime=0))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(t))
    return folder


@pytest.fixture(scope="session")
def whole_mnist(tmp_path_factory):
    """A folder with 60 training and 40 test images."""
    folder = tmp_path_factory.mktemp("mnist")
    for part, n in (("train", 60), ("t10k", 40)):
        x, t = images(n, seed=n)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(x))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(t))
    return folder
