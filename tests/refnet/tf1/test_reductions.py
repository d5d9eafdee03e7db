import numpy as np
import pytest

from refnet.errors import DtypeError
from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X, P = drawn(2, 3, 4), drawn(2, 3, 4, low=0.2, high=3.0)
N = np.array([[7, -7, 5], [3, -2, 0]], np.int32)

ROWS = Rows()
ROWS.add(
    "count_nonzero",
    lambda tf, x: [
        tf.count_nonzero(tf.nn.relu(x)),
        tf.count_nonzero(x > 0, 1),
        tf.count_nonzero(tf.cast(10 * x, tf.int32), axis=[0], keepdims=True, dtype=tf.int32),
    ],
    X,
)
for called in ["reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_logsumexp"]:
    ROWS.add(called, lambda tf, x, f=called: getattr(tf, f)(x), X)
    ROWS.add(f"{called}_axis", lambda tf, x, f=called: getattr(tf, f)(x, 1), X)
    ROWS.add(f"{called}_axes", lambda tf, x, f=called: getattr(tf, f)(x, [0, -1], True), X)
    ROWS.add(
        f"{called}_old",
        lambda tf, x, f=called: getattr(tf, f)(x, reduction_indices=[1], keep_dims=True),
        X,
    )
for called in ["reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod"]:
    ROWS.add(f"{called}_ints", lambda tf, n, f=called: [getattr(tf, f)(n), getattr(tf, f)(n, 1)], N)
for called in ("reduce_any", "reduce_all"):
    ROWS.add(called, lambda tf, b, f=called: [getattr(tf, f)(b), getattr(tf, f)(b, 0)], N > 0)
ROWS.add(
    "norm",
    lambda tf, x: [
        tf.norm(x),
        tf.norm(x, axis=1),
        tf.norm(x, 1),
        tf.norm(x, axis=-1, keepdims=True),
    ],
    X,
)
ROWS.add(
    "argmax",
    lambda tf, x: [tf.argmax(x), tf.argmax(x, 1), tf.argmax(x, axis=-1), tf.argmax(x, dimension=2)],
    X,
)
ROWS.add("argmin", lambda tf, x: [tf.argmin(x, 1), tf.argmin(x, 2, output_type=tf.int32)], X)
ROWS.add("arg_max", lambda tf, x: [tf.arg_max(x, 1), tf.arg_min(x, 2)], X)
ROWS.add(
    "ties",
    lambda tf, n: [tf.argmax(n, 0), tf.argmin(n, 0)],
    np.array([[1, 2], [1, 0], [0, 2]], np.int32),
)
ROWS.add("global_norm", lambda tf, x, p: tf.global_norm([x, None, p]), X, P)
ROWS.add("clip_by_norm", lambda tf, x: [tf.clip_by_norm(x, 1.5), tf.clip_by_norm(x, 100.0)], X)
ROWS.add("clip_by_norm_axes", lambda tf, x: tf.clip_by_norm(x, 1.5, axes=[2]), X)
ROWS.add("clip_by_global_norm", lambda tf, x, p: tf.clip_by_global_norm([x, p], 1.5), X, P)
ROWS.add("clip_by_large_norm", lambda tf, x, p: tf.clip_by_global_norm([x, p], 1e3)[0], X, P)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_the_extremes_of_ties_share_their_gradient_as_tensorflows_do(tf):
    x = tf.constant([[1.0, 1.0, 0.0]])
    (dx,) = tf.gradients(tf.reduce_max(x), [x])
    assert tf.Session().run(dx).tolist() == [[0.5, 0.5, 0.0]]


def test_axes_that_are_computed_and_other_norms_are_refused(tf):
    x = tf.constant([[1.0, 2.0]])
    with pytest.raises(ValueError, match="known when the graph is made"):
        tf.reduce_sum(x, tf.placeholder(tf.int32, []))
    with pytest.raises(ValueError, match="ord=3"):
        tf.norm(x, 3)


def test_axes_may_be_constants_and_are_integers(tf, tensorflow):
    found = []
    for front in (tf, tensorflow):
        with front.Graph().as_default(), front.Session() as session:
            x = front.constant(np.arange(6.0).reshape(2, 3))
            axes = (
                front.constant(-1),
                front.constant([0, 1]),
                np.array(1),
                np.array([0]),
                [np.int64(1)],
            )
            found.append([session.run(front.reduce_sum(x, axis)) for axis in axes])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
    for axis in (1.0, [0.0], tf.constant(1.0)):
        with pytest.raises(DtypeError, match=r"axis=.*integers"):
            tf.reduce_sum(tf.ones([2, 3]), axis)
