"""The data that training runs read, and the batches that they read them in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

import refnet as rn
from parity.backends.base import Array, Dropped, Values, cast_values
from parity.errors import SelectionError
from parity.inputs import permutation, uniform
from refnet.models import xor

# Of a set without a test part of its own, this share of the samples is trained on, the rest tested.
TRAINED = 0.8
MNIST = "mnist:"

# Samples and targets, and the masks by layer where the model has dropout.
Batch: TypeAlias = tuple[Any, ...]


class Data(NamedTuple):
    """Samples (float64) along the first axis and their targets, to train on and to test on.

    With ``columns`` samples and targets lie along the last axis instead.
    """

    x: Array
    t: Array
    test_x: Array
    test_t: Array
    note: str
    columns: bool = False

    @property
    def sample(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.x.shape[:-1] if self.columns else self.x.shape[1:]


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


def in_dtype(batch: Batch, dtype: Any) -> Batch:
    """Return a batch in ``dtype``; class numbers stay what they are."""
    x, t, *masks = batch
    found = x.astype(dtype), t.astype(dtype) if t.dtype.kind == "f" else t
    return *found, *(cast_values(m, dtype) for m in masks)


class Batches:
    """Minibatches by the number of updates done: each epoch in an order of its own.

    ``dropped`` has what each layer with dropout drops, by its name; without it a batch has no
    masks.
    """

    def __init__(
        self,
        data: Data,
        batch_size: int,
        key: str,
        dropped: Mapping[str, Dropped] | None = None,
    ) -> None:
        self.data, self.key, self.dropped = data, key, dropped or {}
        self.samples = data.x.shape[-1 if data.columns else 0]
        self.size = batch_size or self.samples
        self.per_epoch = -(-self.samples // self.size)
        self._epoch = -1
        self._order = np.arange(self.samples)

    def at(self, done: int) -> Batch:
        """Return samples and targets of the update after ``done`` others, and masks if any."""
        epoch, i = divmod(done, self.per_epoch)
        if self.per_epoch > 1 and epoch != self._epoch:
            self._order = permutation(f"{self.key}|epoch {epoch}", self.samples)
            self._epoch = epoch
        index = self._order[i * self.size : (i + 1) * self.size]
        x, t = (a[..., index] if self.data.columns else a[index] for a in self.data[:2])
        return (x, t, self._masks(done, len(index))) if self.dropped else (x, t)

    def _masks(self, done: int, n: int) -> Values:
        """Return the masks of a batch of n samples: 1 for the units that are kept."""
        masks = {}
        for name, (shape, rate) in self.dropped.items():
            whole = (*shape, n) if self.data.columns else (n, *shape)
            drawn = uniform(f"{self.key}|mask {name}|step {done}", whole)
            masks[name] = (drawn >= rate).astype(np.float64)
        return masks
