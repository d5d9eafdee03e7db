import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X = drawn(3, 4, 2)
N = np.array([[7, -7, 5], [3, -2, 0]], np.int32)

ROWS = Rows()
ROWS.add(
    "roll",
    lambda tf, x: [
        tf.roll(x, 1, 0),
        tf.roll(x, shift=-6, axis=1),
        tf.roll(x, [1, 2], [0, -2]),
        tf.roll(x, [1, 1], [2, 2]),
        tf.roll(x, tf.constant(2), 1, name="rolled"),
    ],
    X,
)
ROWS.add("roll_ints", lambda tf, n: [tf.roll(n, 2, 1), tf.roll(n, [1, -1], [0, 1])], N)
ROWS.add(
    "invert_permutation",
    lambda tf, n: [tf.invert_permutation(n), tf.invert_permutation(tf.cast(n, tf.int64))],
    np.array([2, 0, 3, 1], np.int32),
)
ROWS.add(
    "sparse_to_dense",
    lambda tf, v, d: [
        tf.sparse_to_dense([[0, 1], [2, 0]], [3, 2], v, d),
        tf.sparse_to_dense([[3], [1]], tf.constant([4]), v, d, validate_indices=False),
        tf.sparse_to_dense([[0, 0, 1]], [1, 2, 3], v[:1], name="dense"),
    ],
    drawn(2),
    drawn(),
)
ROWS.add(
    "sparse_to_dense_ints",
    lambda tf, i: [
        tf.sparse_to_dense(i, [2, 3], 1),
        tf.sparse_to_dense(i, tf.shape(tf.zeros([2, 3]), out_type=tf.int64), [5, 6], -1),
    ],
    np.array([[0, 1], [1, 2]], np.int64),
)
VECTORS = (
    lambda tf, v, d: [
        tf.sparse_to_dense([1, 3], [4], v, d),
        tf.sparse_to_dense([1, 3], [4], d),
        tf.sparse_to_dense(2, [4], d, 1.0),
    ],
    (drawn(2), drawn()),
)
ROWS.add(
    "meshgrid",
    lambda tf, x, y: [
        *tf.meshgrid(x, y),
        *tf.meshgrid(x, y, indexing="ij"),
        *tf.meshgrid(x, y, x * 2.0),
        *tf.meshgrid(y),
        *tf.meshgrid([1, 2, 3], 4),
    ],
    drawn(3),
    drawn(2),
)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_indices_that_are_no_rows(tf, tensorflow):
    build, arrays = VECTORS  # whose gradients TensorFlow cannot make
    check_gradients(tf, VECTORS)
    fixed = (lambda tf, *nodes: [tf.stop_gradient(y) for y in build(tf, *nodes)]), arrays
    check_agreement(tf, tensorflow, fixed)


def of_open_lengths(tf):
    with tf.Graph().as_default(), tf.Session() as session:
        x, k = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [])
        lengths = tf.placeholder(tf.int32, [2])
        row = x[:, 0]
        every = [
            tf.roll(x, k, 0),
            *tf.meshgrid(row, tf.constant([1.0, 2.0])),
            tf.sparse_to_dense([[0, 1]], lengths, k),
        ]
        shapes = [y.get_shape().as_list() for y in every]
        return session.run(every, {x: [[1, 2], [3, 4], [5, 6]], k: 4, lengths: [2, 3]}), shapes


def test_lengths_that_a_run_tells(tf, tensorflow):
    (ours, shapes), (theirs, _) = of_open_lengths(tf), of_open_lengths(tensorflow)
    for a, b, known in zip(ours, theirs, shapes, strict=True):
        np.testing.assert_array_equal(a, b)
        assert all(n in (m, None) for n, m in zip(known, b.shape, strict=True))


def test_what_placing_refuses(tf):
    refused = [
        (lambda: tf.invert_permutation([0, 0, 1]), "each of 0, 1"),
        (lambda: tf.sparse_to_dense([3, 1], [4], 1.0), "in their order"),
        (lambda: tf.sparse_to_dense([1, 1], [4], 1.0), "in their order"),
        (lambda: tf.sparse_to_dense([7], [4], 1.0), "within"),
        (lambda: tf.sparse_to_dense([-1], [4], 1.0, validate_indices=False), "within"),
        (lambda: tf.roll([1, 2], [1, 2], 0), "as many shifts"),
        (lambda: tf.meshgrid([1], indexing="yx"), "'xy' or 'ij'"),
    ]
    for build, why in refused:
        with pytest.raises(ValueError, match=why):
            tf.Session().run(build())
    assert tf.meshgrid() == []
