"""MNIST's images as the experiments take them: drawn to train on, and the rest to test on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import refnet as rn
from parity.backends.base import Array
from parity.inputs import permutation
from parity.trajectory.data import TRAINED, Data


class Pool(NamedTuple):
    """Images to train on, as rows from -1 to 1, and others to test on if they are there."""

    x: Array
    labels: Array
    test: tuple[Array, Array] | None
    what: str

    @property
    def most(self) -> int:
        """How many images can be drawn: all, or so many that a fifth is left to test on."""
        return len(self.x) if self.test else int(TRAINED * len(self.x))


def pool(path: str) -> Pool:
    """Return MNIST's training images with its test images, or those of the two that are there.

    Raises
    ------
    DataFileError
        If MNIST's files cannot be read, or hold fewer than 10 images.
    """
    found = rn.data.mnist(path)
    images = found.test if found.train is None else found.train
    assert images is not None
    if len(images.labels) < 10:
        raise rn.DataFileError(
            "experiment",
            got=f"{path} with {len(images.labels)} image(s)",
            needs="at least 10",
            cause="Is it a sample of the files?",
        )
    what = f"MNIST's {len(images.labels):,} {'test' if found.train is None else 'training'} images"
    test = None
    if found.train is not None and found.test is not None:
        test = _rows(found.test)
    return Pool(*_rows(images), test, what)


def _rows(images: rn.data.Images) -> tuple[Array, Array]:
    return rn.data.as_rows(images, np.float64), images.labels


def drawn(images: Pool, n: int, key: str, share: float | None = None) -> Data:
    """Return n images drawn at random to train on; with ``share``, so many of the first half.

    They are tested on the test images, or else on the images that are not drawn.
    """
    total = len(images.x)
    order = permutation(f"{key}|draw", total)
    if share is not None:
        first, second = order[order < total // 2], order[order >= total // 2]
        of_first = round(share * n)
        order = np.concatenate([first[:of_first], second[: n - of_first]])
    return taken(images, order[:n])


def taken(images: Pool, chosen: Array) -> Data:
    """Return chosen images to train on, tested on the test images or else on the others."""
    x, t = images.x, images.labels
    others = np.setdiff1d(np.arange(len(x)), chosen)
    test_x, test_t = images.test or (x[others], t[others])
    return Data(x[chosen], t[chosen], test_x, test_t, images.what)
