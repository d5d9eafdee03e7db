import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X = drawn(2, 3, 4)
N = np.array([[7, -7, 5], [3, -2, 0]], np.int32)
LENGTHS = np.array([3, 1], np.int32)
MASK = np.array([[True, False, True], [False, False, True]])

ROWS = Rows()
ROWS.add(
    "gather_nd",
    lambda tf, x: [
        tf.gather_nd(x, [[0, 2], [1, 1]]),
        tf.gather_nd(x, [[1], [0]]),
        tf.gather_nd(x, [[1, 2, 3], [1, 2, 3]]),
    ],
    X,
)
ROWS.add("gather_nd_ints", lambda tf, n: tf.gather_nd(n, [[0, 2], [1, 1]]), N)
ROWS.add(
    "boolean_mask",
    lambda tf, x, m: [tf.boolean_mask(x, m), tf.boolean_mask(x, [True, False])],
    X,
    MASK,
)
ROWS.add("boolean_mask_ints", lambda tf, n, m: tf.boolean_mask(n, m), N, MASK)
ROWS.add(
    "sequence_mask",
    lambda tf, n: [tf.sequence_mask(n, 4), tf.sequence_mask(n), tf.sequence_mask(n, 3, tf.float32)],
    LENGTHS,
)
ROWS.add(
    "top_k",
    lambda tf, x: [list(tf.nn.top_k(x, 2)), tf.nn.top_k(x, k=1).indices, tf.nn.top_k(x).values],
    X,
)
ROWS.add("top_k_ties", lambda tf, n: list(tf.nn.top_k(n, 3)), np.array([[1, 2, 2, 0, 2]], np.int32))
ROWS.add("top_k_vector", lambda tf, v: list(tf.nn.top_k(v, 3)), drawn(5))
ROWS.add(
    "reverse_sequence",
    lambda tf, x, n: tf.reverse_sequence(x, n, seq_axis=1, batch_axis=0),
    X,
    LENGTHS,
)

ROWS.add(
    "unique",
    lambda tf, n: [
        *tf.unique(tf.reshape(n, [-1])),
        *tf.unique(n[0], tf.int64),
        *tf.unique(tf.constant([0.5, -1.0, 0.5, 3.0, -1.0])),
        *tf.unique(tf.zeros([0], tf.int32)),
        *tf.unique(tf.constant([np.nan, 1.0, np.nan, -0.0, 1.0, 0.0, np.nan])),
    ],
    np.array([[5, 3, 5], [3, 9, 0]], np.int32),
)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_indices_out_of_range_are_refused(tf):
    chosen = tf.gather_nd(tf.zeros([2, 3]), tf.constant([[0, 3]]))
    with pytest.raises(ValueError, match=r"within \(2, 3\)"):
        tf.Session().run(chosen)


def test_masks_of_other_shapes_are_refused(tf):
    m = tf.placeholder(tf.bool, [None])
    with pytest.raises(ValueError, match="mask of shape"):
        tf.Session().run(tf.boolean_mask(tf.zeros([2, 3]), m), {m: [True]})


def test_the_axes_of_a_reversed_sequence_are_the_first_two(tf):
    with pytest.raises(ValueError, match="seq_axis=1"):
        tf.reverse_sequence(tf.zeros([2, 3, 4]), [1, 2, 3], seq_axis=0, batch_axis=1)


def test_what_unique_refuses(tf):
    with pytest.raises(ValueError, match="needs a vector"):
        tf.unique([[1, 2]])
    assert tf.unique([1, 2])._fields == ("y", "idx")
