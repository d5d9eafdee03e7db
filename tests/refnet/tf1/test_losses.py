import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, drawn

Y, T = drawn(5, 3), drawn(5, 3, seed=1)
P = drawn(5, 3, low=0.1, high=0.9)
HALVES = np.array([[0.0, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]])
HOT = np.eye(3)[[0, 2, 1, 1, 0]]
CLASSES = np.array([0, 2, 1, 1, 0], np.int32)
WEIGHTS = np.array([[0.5], [0], [2], [1], [0]])
NONE = np.zeros([5, 1])

LOSSES = {
    "mean_squared_error": (T, Y),
    "absolute_difference": (T, Y),
    "huber_loss": (T, 3 * Y),
    "log_loss": (HALVES, P),
    "hinge_loss": (HALVES, Y),
    "sigmoid_cross_entropy": (HALVES, Y),
    "softmax_cross_entropy": (HOT, Y),
    "sparse_softmax_cross_entropy": (CLASSES, Y),
}

ROWS = Rows()
for called, arrays in LOSSES.items():
    per_row = called.startswith(("softmax", "sparse"))
    weights = WEIGHTS[:, 0] if per_row else WEIGHTS
    ROWS.add(called, lambda tf, t, y, f=called: getattr(tf.losses, f)(t, y), *arrays)
    ROWS.add(
        f"{called}_weighted",
        lambda tf, t, y, w, f=called: getattr(tf.losses, f)(t, y, weights=w),
        *arrays,
        weights,
    )
    ROWS.add(f"{called}_half", lambda tf, t, y, f=called: getattr(tf.losses, f)(t, y, 0.5), *arrays)
for reduction in (
    "none",
    "weighted_sum",
    "weighted_mean",
    "weighted_sum_over_batch_size",
    "weighted_sum_by_nonzero_weights",
):
    for name, w in (("some", WEIGHTS), ("no", NONE)):
        ROWS.add(
            f"{reduction}_of_{name}_weights",
            lambda tf, x, w, r=reduction: tf.losses.compute_weighted_loss(x, w, reduction=r),
            P,
            w,
        )
ROWS.add(
    "smoothed",
    lambda tf, t, y: [
        tf.losses.softmax_cross_entropy(t, y, label_smoothing=0.1),
        tf.losses.sigmoid_cross_entropy(t, y, label_smoothing=0.1),
    ],
    HOT,
    Y,
)
ROWS.add("delta", lambda tf, t, y: tf.losses.huber_loss(t, y, delta=0.3), T, Y)
ROWS.add("cosine", lambda tf, t, y: tf.losses.cosine_distance(t, y, axis=1), T, Y)


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name], np.float32)


def test_doubles_become_singles_where_tensorflows_do(tf, tensorflow):
    for name in ("mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy"):
        check_agreement(tf, tensorflow, (ROWS[name][0], (HOT, Y)), np.float32)
        ours = getattr(tf.losses, name)(tf.constant(HOT), tf.constant(Y))
        with tensorflow.Graph().as_default():
            theirs = getattr(tensorflow.losses, name)(HOT, tensorflow.constant(Y))
            assert ours.dtype == theirs.dtype.as_numpy_dtype


def test_means_are_numpys(tf):
    found = tf.Session().run(
        [tf.losses.mean_squared_error(T, Y), tf.losses.absolute_difference(T, Y, WEIGHTS)]
    )
    kept = np.abs(T - Y) * WEIGHTS
    expected = [((T - Y) ** 2).mean(), kept.sum() / 9]  # three rows of three have a weight
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_losses_are_collected_and_added_up(tf):
    assert tf.losses.get_losses() == []
    first = tf.losses.mean_squared_error(T, Y)
    second = tf.losses.absolute_difference(T, Y, loss_collection=None)
    tf.losses.add_loss(second)
    regularizer = tf.contrib.layers.l2_regularizer(0.5)
    w = tf.get_variable("w", initializer=np.ones(4, np.float32), regularizer=regularizer)
    assert tf.losses.get_losses() == [first, second]
    assert len(tf.losses.get_regularization_losses()) == 1
    nodes = [tf.losses.get_total_loss(), tf.losses.get_regularization_loss(), first, second]
    with tf.Session() as session:
        session.run(w.initializer)
        total, penalty, a, b = session.run(nodes)
    assert penalty == 1.0
    np.testing.assert_allclose(total, a + b + penalty, rtol=1e-6)


def test_what_losses_refuse(tf):
    with pytest.raises(ValueError, match="weighted_mean"):
        tf.losses.mean_squared_error(T, Y, reduction="sum")
    with pytest.raises(ValueError, match="no axis"):
        tf.losses.cosine_distance(T, Y)
