import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

ROWS = Rows()
ROWS.add(
    "confusion_matrix",
    lambda tf, t, p: [
        tf.confusion_matrix(t, p),
        tf.confusion_matrix(t, p, 4, tf.float32),
        tf.confusion_matrix(t, p, num_classes=3, weights=[1, 0, 2, 1]),
        tf.math.confusion_matrix(t, p, 3),
    ],
    np.array([0, 1, 2, 1], np.int32),
    np.array([0, 2, 2, 1], np.int32),
)
ROWS.add("diag", lambda tf, v: tf.diag(v), drawn(3))
ROWS.add("diag_part", lambda tf, a: tf.diag_part(a), drawn(3, 3))
ROWS.add("trace", lambda tf, a: tf.trace(a), drawn(3, 3))
ROWS.add(
    "tensordot",
    lambda tf, a, b: [tf.tensordot(a, b, 1), tf.tensordot(a, b, [[2], [0]])],
    drawn(2, 3, 4),
    drawn(4, 5),
)
ROWS.add(
    "tensordot_axes",
    lambda tf, a, b: [tf.tensordot(a, b, 2), tf.tensordot(a, b, [[1, 2], [0, 1]])],
    drawn(2, 3, 4),
    drawn(3, 4, 5),
)
ROWS.add(
    "linalg",
    lambda tf, a, b: [tf.linalg.matmul(a, b), tf.linalg.norm(a), tf.linalg.transpose(a)],
    drawn(2, 3),
    drawn(3, 5),
)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_a_diagonal_is_zero_beside_what_is_not_finite(tf):
    assert tf.Session().run(tf.diag([np.inf, 2.0])).tolist() == [[np.inf, 0], [0, 2]]


def test_unknown_lengths_are_refused(tf):
    with pytest.raises(ValueError, match="diag of 'v:0'"):
        tf.diag(tf.placeholder(tf.float32, [None], name="v"))


def test_tensordot_of_batches_of_sequences(tf):
    x = tf.placeholder(tf.float32, [None, None, 3])
    y = tf.tensordot(x, np.ones((3, 2), np.float32), [[2], [0]])
    assert y.get_shape().as_list() == [None, None, 2]
    with tf.Session() as session:
        got = session.run(y, {x: np.ones((4, 5, 3))})
    np.testing.assert_array_equal(got, np.full((4, 5, 2), 3.0))
