"""The data that training runs read, and the batches that they read them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

import refnet as rn
from parity.backends.base import Array, Dropped, Values, cast_values
from parity.errors import SelectionError
from parity.inputs import permutation, uniform, words
from refnet.models import rnn_binary_addition, xor

# Of a set without a test part of its own, this share of the samples is trained on, the rest tested.
TRAINED = 0.8
MNIST = "mnist:"

# Samples and targets, and the masks by layer where the model has dropout.
Batch: TypeAlias = tuple[Any, ...]


class Data(NamedTuple):
    """Samples (float64) along the first axis and their targets, to train on and to test on.

    With ``columns`` samples and targets lie along the last axis instead. With ``ordered`` batches
    are taken in the samples' own order, in every epoch. ``start`` has the parameters that training
    starts from, where the data come with some.
    """

    x: Array
    t: Array
    test_x: Array
    test_t: Array
    note: str
    columns: bool = False
    ordered: bool = False
    start: Mapping[str, Array] | None = None

    @property
    def sample(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.x.shape[:-1] if self.columns else self.x.shape[1:]


@lru_cache(maxsize=4)
def load(name: str) -> Data:
    """Return a data set by its name: one of :data:`SETS`, or ``mnist:PATH``.

    MNIST is trained on its training images if they are there, and else on the first 8,000 test
    images and tested on the last 2,000.
    """
    if name in SETS:
        return SETS[name]()
    if name.startswith(MNIST):
        return _mnist(name.removeprefix(MNIST))
    raise SelectionError(
        "training data",
        got=f"the data set {name!r}",
        needs=f"{', '.join(SETS)} or mnist:PATH",
        cause="Is it misspelt in the case?",
    )


def _digits() -> Data:
    data = rn.data.digits()
    return _split(rn.data.as_rows(data, np.float64), data.labels, "scikit-learn's digits")


def _digits_images() -> Data:
    data = rn.data.digits()
    images = rn.data.as_images(data, np.float64)
    return _split(images, data.labels, "scikit-learn's digits as images (8, 8, 1)")


def _digits_columns() -> Data:
    """Return digits as columns of 16 means over 2 x 2 cells; are they below 5, are they odd."""
    data = rn.data.digits()
    cells = rn.data.as_images(data, np.float64).reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4))
    t = np.stack([data.labels < 5, data.labels % 2 == 1], axis=1).astype(np.float64)
    rows = _split(cells.reshape(-1, 16), t, "scikit-learn's digits, 4 x 4, below 5 and odd")
    x, t, test_x, test_t = (np.ascontiguousarray(a.T) for a in rows[:4])
    return Data(x, t, test_x, test_t, rows.note, columns=True)


def _xor() -> Data:
    return Data(xor.X, xor.T, xor.X, xor.T, "the four cases of exclusive or")


def _binary_addition() -> Data:
    """Return sums of 5 bits, drawn from a key, which no version of a generator changes."""
    pairs = (words("binary addition", 2 * 150) % np.uint64(16)).astype(np.int64).reshape(150, 2)
    x = rn.data.to_bits(pairs, bits=5).swapaxes(1, 2)
    t = rn.data.to_bits(pairs.sum(axis=1), bits=5)
    return _split(np.ascontiguousarray(x), t, "sums of 5 bits")


def _sources_addition() -> Data:
    """Return the sums of the sources' 500 updates in order, and the parameters they start from."""
    x, t = rn.data.binary_addition(500 * 100, rng=np.random.RandomState(1))
    note = "the sources' sums of 8 bits, from their initial values"
    start = rnn_binary_addition.parameters()
    return Data(x, t, x[-100:], t[-100:], note, ordered=True, start=start)


def _reviews() -> Data:
    """Return which words of a vocabulary cut to 41 occur in generated reviews."""
    rng = np.random.default_rng(0)
    texts, labels = rn.data.generated_reviews(250, rng=rng, words=300, length=60)
    counts = rn.data.count_words(texts, labels)
    size = np.where(counts.total > 5, np.abs(counts.log_ratios()), 0)
    vocabulary = [counts.words[i] for i in np.sort(np.argsort(-size, kind="stable")[:41])]
    x = np.array([rn.data.bag_of_words(text, vocabulary) > 0 for text in texts], np.float64)
    return _split(x, labels.astype(np.float64)[:, np.newaxis], "generated reviews, 41 words")


SETS: Mapping[str, Callable[[], Data]] = {
    "binary_addition": _binary_addition,
    "binary_addition of the sources": _sources_addition,
    "digits": _digits,
    "digits columns": _digits_columns,
    "digits images": _digits_images,
    "reviews": _reviews,
    "xor": _xor,
}


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
    return _split(rn.data.as_rows(images, np.float64), images.labels, f"MNIST's {part} images")


def _split(x: Array, t: Array, what: str) -> Data:
    n = int(TRAINED * len(x))
    note = f"{what}: trained on the first {n:,}, tested on the last {len(x) - n:,}"
    return Data(x[:n], t[:n], x[n:], t[n:], note)


def in_dtype(batch: Batch, dtype: Any) -> Batch:
    """Return a batch in ``dtype``; class numbers stay what they are."""
    x, t, *masks = batch
    found = x.astype(dtype), t.astype(dtype) if t.dtype.kind == "f" else t
    return *found, *(cast_values(m, dtype) for m in masks)


class Batches:
    """Minibatches by the number of updates done: each epoch in an order of its own, or the data's.

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
        if self.per_epoch > 1 and epoch != self._epoch and not self.data.ordered:
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
