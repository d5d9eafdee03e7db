"""MNIST by the names of TensorFlow's tutorials: ``input_data.read_data_sets("MNIST_data")``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.data.images import Images
from refnet.data.mnist import mnist
from refnet.errors import DataFileError, OptionError


class DataSet:
    """Images and labels, from which batches are taken one after another.

    Attributes
    ----------
    images : array
        (N, 784) of float32 from 0 to 1, or (N, 28, 28, 1).
    labels : array
        Classes (N,), or rows (N, 10) with a 1 at the class.
    """

    def __init__(self, images: Array, labels: Array, seed: int | None = None) -> None:
        self.images = images
        self.labels = labels
        self.epochs_completed = 0
        self._rng = np.random.default_rng(0 if seed is None else seed)
        self._order = np.arange(len(images))
        self._next = 0
        self._mixed = False

    @property
    def num_examples(self) -> int:
        """How many images there are."""
        return len(self.images)

    def next_batch(
        self, batch_size: int, fake_data: bool = False, shuffle: bool = True
    ) -> tuple[Array, Array]:
        """Return the next images and labels; each epoch has an order of its own.

        The batch at the end of an epoch is filled up from the next one.

        Raises
        ------
        OptionError
            If the batch is larger than the data, or data made up are asked for.
        """
        if fake_data or not 0 < batch_size <= self.num_examples:
            raise OptionError(
                "next_batch",
                got=f"{batch_size=}, {fake_data=}",
                needs=f"a size from 1 to {self.num_examples}, and fake_data=False",
                cause="Is it the number of steps?",
            )
        if not self._mixed and shuffle:
            self._order = self._rng.permutation(self.num_examples)
        self._mixed = True
        chosen = self._order[self._next : self._next + batch_size]
        self._next += batch_size
        if self._next > self.num_examples:
            missing = batch_size - len(chosen)
            self.epochs_completed += 1
            if shuffle:
                self._order = self._rng.permutation(self.num_examples)
            chosen = np.concatenate([chosen, self._order[:missing]])
            self._next = missing
        return self.images[chosen], self.labels[chosen]


class Datasets(NamedTuple):
    """The three parts of the data."""

    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = np.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str | None = None,
) -> Datasets:
    """Return MNIST's images from a folder with its files; nothing is downloaded.

    The first ``validation_size`` training images are for validation. The order of the batches is
    drawn by ``seed``, 0 by default, and is another than TensorFlow's.

    Raises
    ------
    DataFileError
        If the folder lacks files, or they are not MNIST's.
    OptionError
        If the validation takes more images than there are, or data made up are asked for.
    """
    found = mnist(train_dir)
    if found.train is None or found.test is None:
        raise DataFileError(
            "read_data_sets",
            got=f"{train_dir}, with one half of MNIST",
            needs="the files of the training and of the test images",
            cause="Is the download complete?",
        )
    n = len(found.train.images)
    if fake_data or not 0 <= validation_size <= n:
        raise OptionError(
            "read_data_sets",
            got=f"{validation_size=}, {fake_data=}",
            needs=f"at most the {n} training images, and fake_data=False",
            cause="Are the files a sample of the data?",
        )

    def part(images: Images, chosen: slice) -> DataSet:
        pixels = images.images[chosen]
        if np.dtype(dtype) == np.float32:
            pixels = np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
        shape = (len(pixels), 784) if reshape else (*pixels.shape, 1)
        classes = images.labels[chosen]
        labels = np.eye(10)[classes] if one_hot else classes.astype(np.uint8)
        return DataSet(pixels.reshape(shape), labels, seed)

    return Datasets(
        part(found.train, slice(validation_size, None)),
        part(found.train, slice(validation_size)),
        part(found.test, slice(None)),
    )
