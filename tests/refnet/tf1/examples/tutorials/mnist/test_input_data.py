import gzip

import numpy as np
import pytest

from refnet.errors import DataFileError
from refnet.tf1.examples.tutorials.mnist import input_data

IMAGES = np.arange(7 * 784, dtype=np.int64).reshape(7, 28, 28).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2], np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with files of MNIST's format."""
    for name, n in (("train", 7), ("t10k", 3)):
        header = np.array([0x803, n, 28, 28], ">i4").tobytes()
        with gzip.open(tmp_path / f"{name}-images-idx3-ubyte.gz", "wb") as file:
            file.write(header + IMAGES[:n].tobytes())
        with gzip.open(tmp_path / f"{name}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(np.array([0x801, n], ">i4").tobytes() + LABELS[:n].tobytes())
    return str(tmp_path)


def test_parts_of_the_data(folder):
    mnist = input_data.read_data_sets(folder, one_hot=True, validation_size=2)
    sizes = [part.num_examples for part in (mnist.train, mnist.validation, mnist.test)]
    assert sizes == [5, 2, 3]
    assert mnist.train.images.dtype == np.float32
    np.testing.assert_allclose(mnist.train.images, IMAGES[2:].reshape(5, 784) / 255, rtol=1e-6)
    np.testing.assert_array_equal(mnist.train.labels.argmax(1), LABELS[2:])
    whole = input_data.read_data_sets(folder, reshape=False, validation_size=0, dtype=np.uint8)
    assert whole.test.images.shape == (3, 28, 28, 1)
    np.testing.assert_array_equal(whole.train.images[..., 0], IMAGES)
    np.testing.assert_array_equal(whole.train.labels, LABELS)


def test_batches_go_through_the_data_epoch_by_epoch(folder):
    def batches(count):
        data = input_data.read_data_sets(folder, validation_size=0).train
        return [data.next_batch(3)[1] for _ in range(count)], data.epochs_completed

    found, epochs = batches(7)
    joined = np.concatenate(found)
    assert epochs == 2
    for epoch in range(3):
        np.testing.assert_array_equal(np.sort(joined[7 * epoch : 7 * epoch + 7]), np.sort(LABELS))
    assert (joined[:7] != joined[7:14]).any()
    np.testing.assert_array_equal(found, batches(7)[0])
    data = input_data.read_data_sets(folder, validation_size=0).train
    in_order = [data.next_batch(4, shuffle=False)[1] for _ in range(2)]
    np.testing.assert_array_equal(np.concatenate(in_order), [*LABELS, LABELS[0]])


def test_what_is_refused(folder, tmp_path):
    with pytest.raises(DataFileError, match="without MNIST's files"):
        input_data.read_data_sets(str(tmp_path.parent))
    with pytest.raises(ValueError, match="validation_size=5000"):
        input_data.read_data_sets(folder)
    data = input_data.read_data_sets(folder, validation_size=0).train
    with pytest.raises(ValueError, match="a size from 1 to 7"):
        data.next_batch(8)
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataFileError, match="one half"):
        input_data.read_data_sets(folder)
