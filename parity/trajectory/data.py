"""The data that training runs read, and the batches that they read them in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import refnet as rn
from parity.backends.base import Array
from parity.errors import SelectionError
from parity.inputs import permutation
from refnet.models import xor

# Of a set without a test part of its own, this share of the samples is trained on, the rest tested.
TRAINED = 0.8
MNIST = "mnist:"


class Data(NamedTuple):
    """Samples in rows (float64) and their targets, to train on and to test on."""

    x: Array
    t: Array
    test_x: Array
    test_t: Array
    note: str


@lru_cache(maxsize=4)
def load(name: str) -> Data:
    """Return a data set: ``digits``, ``xor``, or ``mnist:PATH``.

    MNIST is trained on its training images if they are there, and else on the first 8,000 test
    images and tested on the last 2,000.
    """
    if name == "digits":
        return _split(rn.data.digits(), "scikit-learn's digits")
    if name == "xor":
        return Data(xor.X, xor.T, xor.X, xor.T, "the four cases of exclusive or")
    if name.startswith(MNIST):
        return _mnist(name.removeprefix(MNIST))
    raise SelectionError(
        "training data",
        got=f"the data set {name!r}",
        needs="digits, xor or mnist:PATH",
        cause="Is it misspelt in the case?",
    )


def _mnist(path: str) -> Data:
    found = rn.data.mnist(path)
    if found.train is not None and found.test is not None:
        return Data(
            rn.data.as_rows(found.train, np.float64),
            found.train.labels,
            rn.data.as_rows(found.test, np.float64),
            found.test.labels,
            "MNIST's training images, tested on its test images",
        )
    images = found.train if found.test is None else found.test
    assert images is not None
    part = "training" if found.test is None else "test"
    return _split(images, f"MNIST's {part} images")


def _split(images: rn.data.Images, what: str) -> Data:
    x, t = rn.data.as_rows(images, np.float64), images.labels
    n = int(TRAINED * len(x))
    note = f"{what}: trained on the first {n:,}, tested on the last {len(x) - n:,}"
    return Data(x[:n], t[:n], x[n:], t[n:], note)


def in_dtype(batch: tuple[Array, Array], dtype: Any) -> tuple[Array, Array]:
    """Return a batch in ``dtype``; class numbers stay what they are."""
    x, t = batch
    return x.astype(dtype), t.astype(dtype) if t.dtype.kind == "f" else t


class Batches:
    """Minibatches by the number of updates done: each epoch in an order of its own."""

    def __init__(self, data: Data, batch_size: int, key: str) -> None:
        self.data, self.key = data, key
        self.size = batch_size or len(data.x)
        self.per_epoch = -(-len(data.x) // self.size)
        self._epoch = -1
        self._order = np.arange(len(data.x))

    def at(self, done: int) -> tuple[Array, Array]:
        """Return samples and targets of the update after ``done`` others."""
        epoch, i = divmod(done, self.per_epoch)
        if self.per_epoch > 1 and epoch != self._epoch:
            self._order = permutation(f"{self.key}|epoch {epoch}", len(self.data.x))
            self._epoch = epoch
        index = self._order[i * self.size : (i + 1) * self.size]
        return self.data.x[index], self.data.t[index]
