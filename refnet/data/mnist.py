"""MNIST from files given by path."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.data.idx import read_idx
from refnet.data.images import Images
from refnet.data.npz import read_npz
from refnet.errors import DataFileError


class MNIST(NamedTuple):
    """The training and the test images; either is None where its files are not there."""

    train: Images | None
    test: Images | None


def mnist(path: str | os.PathLike[str]) -> MNIST:
    """Return the MNIST images that ``path`` holds; nothing is downloaded.

    Parameters
    ----------
    path : path
        A folder with the files train-images-idx3-ubyte, train-labels-idx1-ubyte,
        t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz (either pair may be
        missing), or an .npz file with x_train, y_train, x_test and y_test.

    Raises
    ------
    DataFileError
        If neither pair is there, only half of a pair is, a file cannot be read, or its content is
        not images (N, 28, 28) of uint8 with as many labels from 0 to 9.

    Examples
    --------
    >>> import numpy as np, pathlib, tempfile
    >>> images, labels = np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "mnist.npz"
    ...     np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    ...     found = mnist(file)
    >>> found.train.images.shape, found.test.labels
    ((2, 28, 28), array([7, 2]))
    """
    place = os.fspath(path)
    if os.path.isdir(place):
        found = MNIST(_pair(place, "train"), _pair(place, "t10k"))
        if found == (None, None):
            raise DataFileError(
                "mnist",
                got=f"{place}, a folder without MNIST's files",
                needs="train-images-idx3-ubyte and train-labels-idx1-ubyte, or the t10k pair, "
                "plain or .gz",
                cause="Is it the parent folder, or are the files named otherwise?",
            )
        return found
    arrays = read_npz(place, ("x_train", "y_train", "x_test", "y_test"))
    return MNIST(
        _checked(place, arrays["x_train"], arrays["y_train"]),
        _checked(place, arrays["x_test"], arrays["y_test"]),
    )


def _pair(folder: str, part: str) -> Images | None:
    images = _file(folder, f"{part}-images-idx3-ubyte")
    labels = _file(folder, f"{part}-labels-idx1-ubyte")
    if images is None and labels is None:
        return None
    if images is None or labels is None:
        raise DataFileError(
            "mnist",
            got=f"{folder}, with {os.path.basename(images or labels or '')} but not its other half",
            needs="images and labels together",
            cause="Is a file missing or misnamed?",
        )
    return _checked(images, read_idx(images), read_idx(labels))


def _file(folder: str, name: str) -> str | None:
    for candidate in (os.path.join(folder, name), os.path.join(folder, f"{name}.gz")):
        if os.path.isfile(candidate):
            return candidate
    return None


def _checked(file: str, images: Array, labels: Array) -> Images:
    n = len(images) if images.ndim else 0
    if (
        images.shape != (n, 28, 28)
        or images.dtype != np.uint8
        or labels.shape != (n,)
        or labels.dtype.kind not in "iu"
        or (n and not (labels.min() >= 0 and labels.max() <= 9))
    ):
        raise DataFileError(
            "mnist",
            got=f"{file}: images {images.shape} of {images.dtype}, "
            f"labels {labels.shape} of {labels.dtype}",
            needs="images (N, 28, 28) of uint8 and N integer labels from 0 to 9",
            cause="Is it another data set, or are two files of different sets mixed?",
        )
    return Images(images, labels.astype(np.int64), 255)
