from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.experiments.images import Pool, drawn, pool, taken


def rows(a):
    return {row.tobytes() for row in a}


def test_a_set_without_test_images_is_divided(small_mnist):
    found = pool(str(small_mnist))
    assert found.what == "MNIST's 400 test images"
    assert (found.x.shape, found.most, found.test) == ((400, 784), 320, None)
    data = drawn(found, 320, "key")
    assert (len(data.x), len(data.test_x)) == (320, 80)
    assert rows(data.x) | rows(data.test_x) == rows(found.x)
    again, other = drawn(found, 320, "key"), drawn(found, 320, "another")
    np.testing.assert_array_equal(data.x, again.x)
    assert rows(data.x) != rows(other.x)


def test_training_images_are_tested_on_the_test_images(whole_mnist):
    found = pool(str(whole_mnist))
    assert found.what == "MNIST's 60 training images"
    assert found.most == 60
    data = drawn(found, 20, "key")
    np.testing.assert_array_equal(data.test_x, found.test[0])
    np.testing.assert_array_equal(data.test_t, found.test[1])
    assert rows(data.x) < rows(found.x)


@pytest.mark.parametrize(("share", "first"), [(0.0, 0), (0.25, 5), (1.0, 20)])
def test_shares_of_the_halves(share, first):
    x = np.arange(100.0)[:, np.newaxis]
    found = drawn(Pool(x, np.arange(100), None, ""), 20, "key", share)
    assert len(found.x) == 20
    assert (found.x < 50).sum() == first
    assert len(set(found.t) | set(found.test_t)) == 100


def test_taken_are_tested_on_the_others():
    x = np.arange(10.0)[:, np.newaxis]
    found = taken(Pool(x, np.arange(10), None, "ten"), np.array([7, 2]))
    assert found.t.tolist() == [7, 2]
    assert found.test_t.tolist() == [0, 1, 3, 4, 5, 6, 8, 9]


def test_too_few_images(tmp_path):
    file = tmp_path / "mnist.npz"
    x, t = np.zeros((4, 28, 28), np.uint8), np.zeros(4, np.uint8)
    np.savez(file, x_train=x, y_train=t, x_test=x, y_test=t)
    with pytest.raises(rn.DataFileError, match="at least 10"):
        pool(str(file))
