import numpy as np
import pytest

from refnet.errors import RefnetError
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
ROWS.add(
    "of_short_ids",
    lambda tf, x, i: [
        tf.unsorted_segment_sum(x, tf.cast(i, tf.int16), 5),
        tf.segment_sum(x, [0] * 5),
    ],
    X,
    IDS,
)
COUNTED = np.array([[1, 3, 1], [0, 5, 1]], np.int32)
COUNTS = {
    "plain": {},
    "minlength": {"minlength": 8},
    "maxlength": {"maxlength": 3},
    "both": {"minlength": 8, "maxlength": 4},
    "dtype": {"dtype": "float32"},
    "weights": {"weights": np.array([[0.5, 1.5, -2.0], [1.0, 3.0, 0.25]], np.float32)},
    "nothing": {"maxlength": 0},
    "weights of nothing": {"weights": np.ones((2, 3), np.float32), "maxlength": 0},
    "negative minlength": {"minlength": -3},
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


def test_counts_of_open_shapes_are_tensorflows(tf, tensorflow):
    found = []
    for front in (tf, tensorflow):
        with front.Graph().as_default(), front.Session() as session:
            i, n = front.placeholder(front.int32, None), front.placeholder(front.int32, [])
            weights = front.placeholder(front.float32, None)
            ys = [front.bincount(i, maxlength=n), front.bincount(i, weights, n)]
            found.append(session.run(ys, {i: [3, 1, 3], n: 4, weights: [1.0, 2.0, 0.5]}))
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_integers_beyond_maxlength_take_no_memory(tf):
    found = tf.Session().run(tf.bincount(np.array([1, 2, 2**60]), maxlength=3))
    np.testing.assert_array_equal(found, [0, 1, 1])


def test_what_is_not_finite_stays_in_its_segment(tf):
    x = tf.constant([np.inf, 1.0, np.nan, 2.0])
    total = tf.Session().run(tf.unsorted_segment_sum(x, [0, 1, -1, 1], 3))
    np.testing.assert_array_equal(total, [np.inf, 3, 0])


def of_open_ranks(tf):
    """Return values and gradients, also second ones, of data and numbers of unknown shapes."""
    with tf.Graph().as_default(), tf.Session() as session:
        x, ids = tf.placeholder(tf.float64, None), tf.placeholder(tf.int32, None)
        known = tf.placeholder(tf.float64, [None, 3])
        ys = [tf.unsorted_segment_sum(x, ids, 5), tf.unsorted_segment_sum(x, ids, tf.shape(x)[0])]
        ys += [tf.unsorted_segment_sum(known, ids, 5)]
        found = []
        for data, numbers in (
            (X, IDS),
            (X[:, 0], IDS),
            (drawn(5, 3, 2), IDS),
            (X, np.stack([IDS, IDS, IDS[::-1]], axis=1)),
            (drawn(5, 3, 2), np.stack([IDS, IDS, IDS[::-1]], axis=1)),
        ):
            feeds = {x: data, ids: numbers, known: X}
            for y, of in zip(ys, (x, x, known), strict=True):
                dx = tf.gradients(y, of, y * y)[0]
                found += session.run([y, dx, *tf.gradients(dx * dx, of)], feeds)
        y = tf.segment_sum(x, ids)
        dx = tf.gradients(y, x, y * y)[0]
        for data in (X, X[:, 0], drawn(5, 3, 2)):
            found += session.run([y, dx, *tf.gradients(dx * dx, x)], {x: data, ids: RISING})
        return found


def test_numbers_of_axes_that_a_run_tells(tf, tensorflow):
    for a, b in zip(of_open_ranks(tf), of_open_ranks(tensorflow), strict=True):
        close(a, b)


def opened(tf, x):
    """Return a node of whose shape nothing is known before a run."""
    return tf.placeholder_with_default(tf.constant(x), None)


MADE = {
    "data shorter": (lambda tf: tf.unsorted_segment_sum([1.0, 2.0, 3.0], [0, 1], 2), "for each"),
    "fewer axes": (lambda tf: tf.unsorted_segment_sum([1.0], [[0]], 2), "for each"),
    "float ids": (lambda tf: tf.unsorted_segment_sum([1.0], [0.0], 2), "numbers of dtype float32"),
    "bool ids": (lambda tf: tf.unsorted_segment_sum([1.0], [True], 2), "numbers of dtype bool"),
    "bools": (lambda tf: tf.unsorted_segment_sum([True], [0], 2), "got bools"),
    "vector": (lambda tf: tf.unsorted_segment_sum([1.0], [0], [2]), "a single number"),
    "float": (lambda tf: tf.unsorted_segment_sum([1.0], [0], 2.0), "num_segments of dtype"),
    "negative": (lambda tf: tf.unsorted_segment_sum([1.0], [0], -2), "0 or more"),
    "sorted bools": (lambda tf: tf.segment_sum([True], [0]), "got bools"),
    "sorted float ids": (lambda tf: tf.segment_sum([1.0], [0.0]), "numbers of dtype float32"),
    "matrix": (lambda tf: tf.segment_sum([1.0], [[0]]), "a vector"),
    "single": (lambda tf: tf.segment_sum([1.0], 0), "a vector"),
}


@pytest.mark.parametrize("name", list(MADE))
def test_what_is_refused_when_it_is_made(tf, tensorflow, name):
    build, why = MADE[name]
    called = "segment_sum" if name in ("matrix", "single") or "sorted" in name else None
    with pytest.raises(RefnetError, match=f"^{called or 'unsorted_segment_sum'}: .*{why}"):
        build(tf)
    with tensorflow.Graph().as_default(), pytest.raises((TypeError, ValueError)):
        build(tensorflow)


def test_no_segments_have_gradients_of_zero(tf):  # of which TensorFlow's gradient fails
    x = tf.placeholder(tf.float32, [2, 3])
    y = tf.unsorted_segment_sum(x, [-1, -2], 0)
    found = tf.Session().run([y, *tf.gradients(y, x)], {x: np.ones((2, 3))})
    close(found[0], np.zeros((0, 3), np.float32))
    close(found[1], np.zeros((2, 3), np.float32))


def test_what_segments_refuse(tf):
    refused = [
        (lambda: tf.segment_sum([1.0, 2.0], [1, 0]), "do not fall"),
        (lambda: tf.segment_sum([1.0, 2.0], [-1, 0]), "do not fall"),
        (lambda: tf.unsorted_segment_sum([1.0, 2.0], [0, 2], 2), "below 2"),
        (lambda: tf.unsorted_segment_sum(opened(tf, [1.0, 2.0]), [0], 2), "^unsorted.*each entry"),
        (lambda: tf.segment_sum([1.0, 2.0], opened(tf, [0])), "^segment_sum.*for each entry"),
        (lambda: tf.segment_sum([1.0, 2.0], opened(tf, 0)), "^segment_sum.*a vector"),
        (lambda: tf.unsorted_segment_sum([1.0], [0], opened(tf, [2])), "single number"),
        (lambda: tf.unsorted_segment_sum([1.0], [0], opened(tf, -2)), "0 or more"),
        (lambda: tf.bincount([1, -1]), "none below 0"),
        (lambda: tf.bincount([1.0, 2.0]), "^bincount.*an array of dtype float32"),
        (lambda: tf.bincount([True]), "^bincount.*an array of dtype bool"),
        (lambda: tf.bincount([1], minlength=2.5), "^bincount.*minlength of dtype"),
        (lambda: tf.bincount([1], minlength=[2]), "^bincount.*minlength of shape"),
        (lambda: tf.bincount([1], minlength=opened(tf, [2])), "^bincount.*minlength of shape"),
        (lambda: tf.bincount([1], maxlength=-1), "^bincount.*maxlength=-1"),
        (lambda: tf.bincount([1], maxlength=opened(tf, -1)), "^bincount.*maxlength=-1"),
        (lambda: tf.bincount([1, 2], [1.0, 2.0, 3.0]), "^bincount.*a weight for each"),
        (lambda: tf.bincount([1, 2], opened(tf, [1.0, 2.0, 3.0])), "^bincount.*a weight for each"),
        (lambda: tf.bincount([1, 2], [True, False]), "^bincount.*sums of bools"),
        (lambda: tf.bincount([1, 2], dtype=tf.bool), "^bincount.*sums of bools"),
    ]
    for build, why in refused:
        with pytest.raises(RefnetError, match=why):
            tf.Session().run(build())
