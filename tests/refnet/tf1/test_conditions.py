import numpy as np
import pytest

from tests.refnet.tf1.agreement import close


def branches(tf):
    """Return the values of both ways, and the gradients."""
    with tf.Graph().as_default(), tf.Session() as session:
        test, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [3])
        one = tf.cond(test, lambda: x * 2.0, lambda: tf.square(x))
        pair = tf.cond(tf.reduce_sum(x) > 0, lambda: (x, x[0]), lambda: (-x, x[1]))
        (dx,) = tf.gradients(one, x)
        feeds = [{test: t, x: v} for t in (True, False) for v in ([1, 2, 3], [-1, -2, -3])]
        return [session.run([one, *pair, dx], feed) for feed in feeds]


def test_either_value_and_gradient_are_tensorflows(tf, tensorflow):
    for ours, theirs in zip(branches(tf), branches(tensorflow), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            close(a, b)


def test_either_value_is_that_of_its_function(tf):
    value, plus, first, dx = branches(tf)[0]
    np.testing.assert_array_equal(value, [2, 4, 6])
    np.testing.assert_array_equal(plus, [1, 2, 3])
    assert first == 1
    np.testing.assert_array_equal(dx, [2, 2, 2])


def test_functions_that_do_something_are_refused(tf):
    w, test = tf.Variable(1.0, name="w"), tf.placeholder(tf.bool, [])
    with pytest.raises(ValueError, match="functions that only compute"):
        tf.cond(test, lambda: w.assign(2.0), lambda: tf.constant(0.0))
    with pytest.raises(ValueError, match="one structure"):
        tf.cond(test, lambda: (w, w), lambda: w)
    with pytest.raises(ValueError, match="one function"):
        tf.cond(test, lambda: w)
