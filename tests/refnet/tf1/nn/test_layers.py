import numpy as np
import pytest

from refnet.errors import DtypeError, ShapeError
from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X, W, B = drawn(3, 4), drawn(4, 5), drawn(5)
IDS = np.array([[1, 3], [0, 1]], np.int32)

ROWS = Rows()
ROWS.add("bias_add", lambda tf, x, b: tf.nn.bias_add(x, b), drawn(2, 3, 4, 5), B)
ROWS.add("xw_plus_b", lambda tf, x, w, b: tf.nn.xw_plus_b(x, w, b), X, W, B)
ROWS.add("relu_layer", lambda tf, x, w, b: tf.nn.relu_layer(x, w, b), X, W, B)
ROWS.add(
    "embedding_lookup",
    lambda tf, w, i: [tf.nn.embedding_lookup(w, i), tf.nn.embedding_lookup(w, [2, 2])],
    W,
    IDS,
)
ROWS.add("embedding_lookup_of_one", lambda tf, w, i: tf.nn.embedding_lookup([w], i), W, IDS)
ROWS.add(
    "in_top_k",
    lambda tf, i: tf.nn.in_top_k(tf.constant(X, tf.float32), i, 2),
    np.array([1, 3, 0], np.int32),
)
ROWS.add(
    "in_top_k_of_no_class",
    lambda tf, i: tf.nn.in_top_k(tf.constant([[1.0, np.inf], [np.nan, 2.0], [1.0, 2.0]]), i, 1),
    np.array([1, 0, 2], np.int32),
)
ROWS.add("zero_fraction", lambda tf, x: tf.nn.zero_fraction(tf.nn.relu(x)), X)
ROWS.add("dropout_of_nothing", lambda tf, x: tf.nn.dropout(x, 1.0), X)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_dropout_keeps_a_share_and_scales_it(tf):
    x, keep = tf.ones([200, 100]), tf.placeholder(tf.float32)
    session = tf.Session()
    for node, feeds in ((tf.nn.dropout(x, keep), {keep: 0.25}), (tf.nn.dropout(x, rate=0.75), {})):
        y = session.run(node, feeds)
        assert set(np.unique(y)) == {0, 4}
        assert abs((y > 0).mean() - 0.25) < 0.02
        assert (session.run(node, feeds) != y).any()  # drawn anew
    assert (session.run(tf.nn.dropout(x, keep), {keep: 1.0}) == 1).all()


def test_the_gradient_of_dropout_has_the_mask_of_its_value(tf):
    x = tf.ones([50])
    y = tf.nn.dropout(x, 0.5)
    (dx,) = tf.gradients(y, x)
    a, b = tf.Session().run([y, dx])
    np.testing.assert_array_equal(a, b)


def test_dropout_refuses_what_it_has_not(tf):
    with pytest.raises(ValueError, match="either keep_prob or rate"):
        tf.nn.dropout(tf.ones([2]))
    with pytest.raises(ValueError, match="either keep_prob or rate"):
        tf.nn.dropout(tf.ones([2]), 0.5, rate=0.5)
    y = tf.nn.dropout(tf.ones([2, 3]), 0.5, noise_shape=[3, 1])
    with pytest.raises(ValueError, match="noise_shape"):
        tf.Session().run(y)
    y = tf.nn.dropout(tf.ones([3]), 0.5, noise_shape=[2, 1])  # the mask has more axes
    with pytest.raises(ValueError, match="noise_shape"):
        tf.Session().run(y)


def test_dropout_refuses_what_is_no_noise_shape(tf):
    x = tf.ones([2, 3])
    for given in (
        [-1, 1],
        3,
        [2, 1.5],
        [True, 1],
        [[2, 1]],
        tf.constant([-1, 1]),
        np.array(3),
        "ab",
    ):
        with pytest.raises(ShapeError, match=r"^dropout: got noise_shape="):
            tf.nn.dropout(x, 0.5, noise_shape=given)
    unknown = tf.placeholder(tf.float32, None)
    with pytest.raises(ShapeError, match=r"^dropout: got noise_shape="):
        tf.nn.dropout(unknown, 0.5, noise_shape=[None, 1])
    n = tf.placeholder(tf.int32, [])
    lengths = tf.placeholder(tf.int32, None)
    for given, feeds in (([n, 1], {n: -1}), (lengths, {lengths: [-1, 1]}), (lengths, {lengths: 3})):
        y = tf.nn.dropout(x, 0.5, noise_shape=given)
        with pytest.raises(ShapeError, match=r"^dropout.* got noise_shape"):
            tf.Session().run(y, feeds)
    with pytest.raises(DtypeError, match=r"^dropout: got noise_shape of dtype float32"):
        tf.nn.dropout(x, 0.5, noise_shape=tf.placeholder(tf.float32, [2]))


def dropped_by_parts(tf):
    """Return values and gradients of ones, and their shapes, with masks of some lengths of 1."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [None, 20, 3])
        every = [
            tf.nn.dropout(x, 0.5, noise_shape=[40, 1, 3]),
            tf.nn.dropout(x, 0.5, noise_shape=(40, None, 1)),
            tf.nn.dropout(x, 0.5, tf.stack([tf.shape(x)[0], 1, 1])),
            tf.nn.dropout(x, 0.5, [20, 1]),
            tf.nn.dropout(x, rate=0.5, noise_shape=[tf.shape(x)[0], 1, tf.shape(x)[2]]),
        ]
        grads = [tf.gradients(y, x)[0] for y in every]
        found = session.run([every, grads], {x: np.ones((40, 20, 3))})
        return [*zip(*found, strict=True)], [y.get_shape().as_list() for y in every]


def test_dropout_drops_parts_as_tensorflow_does(tf, tensorflow):
    ours, shapes = dropped_by_parts(tf)
    theirs, their_shapes = dropped_by_parts(tensorflow)
    assert shapes == [[None, *known[1:]] for known in their_shapes]
    for (y, dy), (z, _), axes in zip(ours, theirs, [(1,), (2,), (1, 2), (0, 2), (1,)], strict=True):
        np.testing.assert_array_equal(y, dy)
        for each in (y, z):
            assert set(np.unique(each)) == {0, 2}
            whole = tuple(range(3))
            assert (each.min(axis=axes) == each.max(axis=axes)).all()
            free = [a for a in whole if a not in axes]
            assert all((each.min(axis=a) != each.max(axis=a)).any() for a in free)
        assert (y.dtype, y.shape) == (z.dtype, z.shape)
