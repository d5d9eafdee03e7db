from __future__ import annotations

import numpy as np
import pytest

from parity.backends.base import Dropped
from parity.errors import SelectionError
from parity.trajectory.data import Batches, Data, in_dtype, load
from refnet.errors import DataFileError


def test_digits_are_split():
    d = load("digits")
    assert (d.x.shape, d.t.shape) == ((1437, 64), (1437,))
    assert (d.test_x.shape, d.test_t.shape) == ((360, 64), (360,))
    assert d.x.dtype == np.float64
    assert -1 <= d.x.min() < d.x.max() <= 1
    assert "trained on the first 1,437, tested on the last 360" in d.note


def test_xor():
    d = load("xor")
    assert d.x.shape == (4, 2)
    assert d.t.ravel().tolist() == [0, 1, 1, 0]


def test_unknown_names_and_files():
    with pytest.raises(SelectionError, match="'cifar'"):
        load("cifar")
    with pytest.raises(DataFileError):
        load("mnist:/no/such/folder")


def test_mnist(mnist_path):
    d = load(f"mnist:{mnist_path}")
    assert d.x.shape[1] == d.test_x.shape[1] == 784
    assert len(d.x) in (8_000, 60_000)


def data(n):
    return Data(np.arange(float(n))[:, None], np.arange(n), np.zeros((1, 1)), np.zeros(1), "")


def test_an_epoch_reads_every_sample_once_in_an_order_of_its_own():
    batches = Batches(data(10), 4, "key")
    epochs = []
    for epoch in range(2):
        parts = [batches.at(3 * epoch + i) for i in range(3)]
        assert [len(x) for x, _ in parts] == [4, 4, 2]
        for x, t in parts:
            np.testing.assert_array_equal(x[:, 0], t)
        epochs.append([int(v) for _, t in parts for v in t])
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert epochs[0] != epochs[1]


def test_batches_are_a_function_of_the_number_of_updates():
    one, other = Batches(data(10), 4, "key"), Batches(data(10), 4, "key")
    expected = [one.at(i)[1].tolist() for i in range(7)]
    assert [other.at(i)[1].tolist() for i in (5, 0, 6)] == [expected[i] for i in (5, 0, 6)]


def test_all_samples_at_once_stay_in_order():
    batches = Batches(data(5), 0, "key")
    for i in range(3):
        np.testing.assert_array_equal(batches.at(i)[1], np.arange(5))


def test_samples_in_columns():
    d = Data(np.arange(10.0)[None], np.arange(10), np.zeros((1, 1)), np.zeros(1), "", columns=True)
    assert d.sample == (1,)
    x, t = Batches(d, 4, "key").at(1)
    assert x.shape == (1, 4)
    np.testing.assert_array_equal(x[0], t)


@pytest.mark.parametrize("columns", [False, True])
def test_masks_are_a_function_of_the_number_of_updates(columns):
    d = data(10)
    if columns:
        d = Data(d.x.T, d.t, d.x.T, d.t, "", columns=True)
    dropped = {"drop": Dropped((30,), 0.3), "other": Dropped((2, 3), 0.0)}
    one, other = (Batches(d, 4, "key", dropped) for _ in "ab")
    seen = []
    for done in (2, 0, 1):
        x, t, masks = one.at(done)
        n = len(t)
        shapes = {"drop": (30, n), "other": (2, 3, n)}
        if not columns:
            shapes = {name: (n, *shape[:-1]) for name, shape in shapes.items()}
        assert {name: m.shape for name, m in masks.items()} == shapes
        assert (masks["other"] == 1).all()
        np.testing.assert_array_equal(masks["drop"], other.at(done)[2]["drop"])
        seen.append(masks["drop"])
        narrow = in_dtype((x, t, masks), "float32")[2]["drop"]
        assert narrow.dtype == np.float32
        np.testing.assert_array_equal(narrow, masks["drop"])
    assert not np.array_equal(seen[1], seen[2])
    kept = np.concatenate([m.ravel() for m in seen])
    assert set(kept) == {0, 1}
    assert 0.6 < kept.mean() < 0.8
