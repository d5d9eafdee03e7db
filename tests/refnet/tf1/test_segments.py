import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, close, drawn

X = drawn(5, 3)
IDS = np.array([2, 0, -1, 2, 4], np.int32)
RISING = np.array([0, 0, 2, 2, 3], np.int32)
N = np.array([[7, -7, 5], [3, -2, 0]], np.int32)

ROWS = Rows()
ROWS.add(
    "unsorted_segment_sum",
    lambda tf, x, i: [
        tf.unsorted_segment_sum(x, i, 6),
        tf.unsorted_segment_sum(x[:, 0], i, tf.constant(5), name="sums"),
        tf.math.unsorted_segment_sum(x, tf.stack([i, i, i], axis=1), 5),
    ],
    X,
    IDS,
)
ROWS.add(
    "segment_sum", lambda tf, x, i: [tf.segment_sum(x, i), tf.segment_sum(x[:, 0], i)], X, RISING
)
ROWS.add(
    "of_ints",
    lambda tf, n: [
        tf.segment_sum(n, [1, 3]),
        tf.unsorted_segment_sum(n, [[0, 1, 0], [1, 1, 3]], 4),
    ],
    N,
)
ROWS.add(
    "of_nothing",
    lambda tf: [
        tf.segment_sum(tf.zeros([0, 3]), tf.zeros([0], tf.int32)),
        tf.unsorted_segment_sum(tf.zeros([0, 3]), tf.zeros([0], tf.int32), 2),
        tf.bincount(tf.zeros([0], tf.int32)),
    ],
)
COUNTED = np.array([[1, 3, 1], [0, 5, 1]], np.int32)
COUNTS = {
    "plain": {},
    "minlength": {"minlength": 8},
    "maxlength": {"maxlength": 3},
    "both": {"minlength": 8, "maxlength": 4},
    "dtype": {"dtype": "float32"},
    "weights": {"weights": np.array([[0.5, 1.5, -2.0], [1.0, 3.0, 0.25]], np.float32)},
    "weights of ints": {"weights": np.array([[5, 1, -2], [1, 3, 2]]), "maxlength": 4},
}


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


@pytest.mark.parametrize("name", list(COUNTS))
def test_counts_are_tensorflows(tf, tensorflow, name):
    found = []
    for front in (tf, tensorflow):
        with front.Graph().as_default(), front.Session() as session:
            found.append(session.run(front.bincount(COUNTED, **COUNTS[name])))
    close(*found)


def test_what_is_not_finite_stays_in_its_segment(tf):
    x = tf.constant([np.inf, 1.0, np.nan, 2.0])
    total = tf.Session().run(tf.unsorted_segment_sum(x, [0, 1, -1, 1], 3))
    np.testing.assert_array_equal(total, [np.inf, 3, 0])


def test_what_segments_refuse(tf):
    refused = [
        (lambda: tf.segment_sum([1.0, 2.0], [1, 0]), "do not fall"),
        (lambda: tf.segment_sum([1.0, 2.0], [-1, 0]), "do not fall"),
        (lambda: tf.unsorted_segment_sum([1.0, 2.0], [0, 2], 2), "below 2"),
        (lambda: tf.unsorted_segment_sum([1.0, 2.0], [0], 2), "for each entry"),
        (lambda: tf.bincount([1, -1]), "none below 0"),
    ]
    for build, why in refused:
        with pytest.raises(ValueError, match=why):
            tf.Session().run(build())
