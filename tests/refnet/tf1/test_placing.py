import numpy as np
import pytest

from refnet.errors import OptionError, RefnetError
from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, close, drawn

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
        tf.roll(x, tf.constant([1, -1]), [0, 1]),
        tf.roll(x, [1, 2, 3], tf.constant([0, 2, 0])),
        tf.roll(x, [tf.constant(1), 2], [tf.constant(-1), 0]),
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
        lengths, some = tf.placeholder(tf.int32, [2]), tf.placeholder(tf.int32, [None])
        row = x[:, 0]
        every = [
            tf.roll(x, k, 0),
            *tf.meshgrid(row, tf.constant([1.0, 2.0])),
            tf.sparse_to_dense([[0, 1]], lengths, k),
            tf.sparse_to_dense([[0, 1]], some, k),
            tf.sparse_to_dense([[0, 1]], tf.shape(x), [k]),
            tf.sparse_to_dense([[0, 1]], tf.stack([k, 3]), k),
        ]
        shapes = [y.get_shape() for y in every]
        shapes = [None if known.ndims is None else known.as_list() for known in shapes]
        feeds = {x: [[1, 2], [3, 4], [5, 6]], k: 4, lengths: [2, 3], some: [1, 2]}
        return session.run(every, feeds), shapes


def test_lengths_that_a_run_tells(tf, tensorflow):
    (ours, shapes), (theirs, their_shapes) = of_open_lengths(tf), of_open_lengths(tensorflow)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    assert shapes == their_shapes


def of_open_ranks(tf, *, gradients=True):
    """Return values and gradients where not even the numbers of axes are known before a run."""
    with tf.Graph().as_default(), tf.Session() as session:
        x, v, d = (tf.placeholder(tf.float64, None) for _ in range(3))
        ids, k = tf.placeholder(tf.int32, None), tf.placeholder(tf.int32, None)
        n = tf.placeholder(tf.int32, [None])
        dense = tf.sparse_to_dense(ids, n, v, d)
        ys = [tf.roll(x, k, -1), tf.roll(x, [k, 1], [0, 1]), dense]
        found = [session.run(ys[:2], {x: drawn(3, 4), k: 3})]
        dx = tf.gradients(ys[:2], x, [y * y for y in ys[:2]])
        found += [session.run(dx, {x: drawn(3, 4), k: 1})]
        rows = [[0, 1], [1, 0], [1, 2]]
        cases = [
            (rows, [2, 3], drawn(3)),
            (rows, [2, 3], drawn()),
            ([1, 4], [5], drawn(2)),
            ([1, 4], [5], drawn()),
            (3, [5], drawn()),
            (3, [5], drawn(1)),
            (np.zeros((0, 2)), [2, 3], drawn(0)),
            (np.zeros((0, 2)), [2, 3], drawn()),
        ]
        # TensorFlow has no gradients of indices that are no rows, and of one value unsummed ones.
        with_gradients = tf.gradients(dense, [v, d], dense * dense)
        for i, lengths, values in cases:
            feeds = {ids: i, n: lengths, v: values, d: 0.5}
            found.append([session.run(dense, feeds)])
            if gradients or (np.ndim(i) == 2 and np.ndim(values)):
                found.append(session.run(with_gradients, feeds))
            else:
                found.append(None)
        return found


def test_numbers_of_axes_that_a_run_tells(tf, tensorflow):
    ours, theirs = of_open_ranks(tf), of_open_ranks(tensorflow, gradients=False)
    for some, others in zip(ours, theirs, strict=True):
        if others is not None:
            for a, b in zip(some, others, strict=True):
                close(a, b)


def test_gradients_of_single_indices_that_a_run_tells(tf):
    session = tf.Session()
    ids, v, d = tf.placeholder(tf.int32, None), tf.placeholder(tf.float64, None), tf.constant(0.5)
    y = tf.sparse_to_dense(ids, [5], v, tf.cast(d, tf.float64))
    grads = tf.gradients(y, [v, d], tf.constant([1.0, 2.0, 4.0, 8.0, 16.0], tf.float64))
    for i, values, expected in (
        ([1, 4], [3.0, 5.0], ([2, 16], 13)),
        ([1, 4], 3.0, (18, 13)),
        ([[1], [4]], 3.0, (18, 13)),
        (3, 3.0, (8, 23)),
        (3, [3.0], ([8], 23)),
    ):
        for a, b in zip(session.run(grads, {ids: i, v: values}), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def opened(tf, x):
    """Return a node of whose shape nothing is known before a run."""
    return tf.placeholder_with_default(tf.constant(x), None)


def test_what_placing_refuses(tf):
    refused = [
        (lambda: tf.invert_permutation([0, 0, 1]), "each of 0, 1"),
        (lambda: tf.sparse_to_dense([3, 1], [4], 1.0), "in their order"),
        (lambda: tf.sparse_to_dense([1, 1], [4], 1.0), "in their order"),
        (lambda: tf.sparse_to_dense([7], [4], 1.0), "within"),
        (lambda: tf.sparse_to_dense([-1], [4], 1.0, validate_indices=False), "within"),
        (lambda: tf.roll([1, 2], [1, 2], 0), "as many shifts"),
        (lambda: tf.roll([1, 2], tf.constant([1, 2]), 0), "as many shifts"),
        (lambda: tf.roll([1, 2], 1, 1), "roll.*axes from -1 to 0"),
        (lambda: tf.roll([1, 2], 1, -2), "roll.*axes from -1 to 0"),
        (lambda: tf.roll(opened(tf, [1, 2]), 1, -2), "roll.*axes from -1 to 0"),
        (lambda: tf.roll(3, 1, 0), "roll.*an input that has axes"),
        (lambda: tf.roll([1, 2], 1.5, 0), "roll: got shifts of dtype float32"),
        (lambda: tf.roll([1, 2], 1, 0.0), "roll: got axes of dtype float32"),
        (lambda: tf.roll([1, 2], [[1]], [[0]]), "roll: got shifts of shape"),
        (lambda: tf.invert_permutation([1.0, 0.0]), "invert_permutation.*float32"),
        (lambda: tf.invert_permutation([[1, 0]]), "invert_permutation.*a vector"),
        (lambda: tf.sparse_to_dense([1.0, 3.0], [4], 1.0), "sparse_to_dense: got indices of dtype"),
        (lambda: tf.sparse_to_dense([1, 3], [4], [1.0, 2.0, 3.0]), "values of shape"),
        (lambda: tf.sparse_to_dense([1, 3], [4], [1.0]), "values of shape"),
        (lambda: tf.sparse_to_dense([1, 3], [4], [[1.0], [2.0]]), "values of shape"),
        (lambda: tf.sparse_to_dense([1, 3], [4], 1.0, [1.0]), "a default of shape"),
        (lambda: tf.sparse_to_dense([1, 3], [4], 1.0, opened(tf, [1.0])), "a default of shape"),
        (lambda: tf.sparse_to_dense([[[1, 3]]], [4], 1.0), "indices of shape"),
        (lambda: tf.sparse_to_dense([1], opened(tf, 4), 1.0), "sparse_to_dense.*got lengths"),
        (lambda: tf.sparse_to_dense(np.zeros((0, 1), int), [-1], 1.0), "at least 0"),
    ]
    for build, why in refused:
        with pytest.raises(RefnetError, match=why):
            tf.Session().run(build())
    with pytest.raises(OptionError, match="'xy' or 'ij'"):
        tf.meshgrid([1], indexing="yx")
    assert tf.meshgrid() == []
