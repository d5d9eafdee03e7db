import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, close, drawn

LOGITS = drawn(5, 3)
ROWS_OF_PROBABILITIES = np.exp(drawn(5, 3, seed=1)) / np.exp(drawn(5, 3, seed=1)).sum(
    1, keepdims=True
)
CLASSES = np.array([2, 0, 1, 1, 2], np.int32)

ROWS = Rows()
ROWS.add(
    "softmax",
    lambda tf, x, t: tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=x),
    LOGITS,
    ROWS_OF_PROBABILITIES,
)
ROWS.add(
    "softmax_axis",
    lambda tf, x, t: tf.nn.softmax_cross_entropy_with_logits_v2(
        tf.transpose(t), tf.transpose(x), axis=0
    ),
    LOGITS,
    ROWS_OF_PROBABILITIES,
)
ROWS.add(
    "softmax_of_labels_in_another_shape",
    lambda tf, x, t: [
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.reshape(t, [1, 5, 3]), logits=x),
        tf.nn.softmax_cross_entropy_with_logits_v2(tf.reshape(t, [5, 1, 1, 3]), x),
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=tf.reshape(x, [1, 5, 3])),
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=[0.5, 0.25, 0.25], logits=x[:1]),
    ],
    LOGITS,
    ROWS_OF_PROBABILITIES,
)
ROWS.add(
    "sparse",
    lambda tf, x, k: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=x),
    LOGITS,
    CLASSES,
)
ROWS.add(
    "sparse_sequences",
    lambda tf, x, k: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=x),
    drawn(2, 3, 4),
    np.array([[0, 3, 1], [2, 2, 0]]),
)
ROWS.add(
    "sigmoid",
    lambda tf, x, t: tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=x),
    LOGITS,
    ROWS_OF_PROBABILITIES,
)
ROWS.add(
    "weighted",
    lambda tf, x, t: tf.nn.weighted_cross_entropy_with_logits(t, x, 2.5),
    LOGITS,
    ROWS_OF_PROBABILITIES,
)
ROWS.add("l2_loss", lambda tf, x: tf.nn.l2_loss(x), LOGITS)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_no_gradient_flows_into_the_labels_of_the_first_version(tf):
    x, t = tf.constant(LOGITS), tf.constant(ROWS_OF_PROBABILITIES)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=x)
    dx, dt = tf.gradients(loss, [x, t])
    assert dt is None
    e = np.exp(LOGITS)
    expected = e / e.sum(1, keepdims=True) - ROWS_OF_PROBABILITIES
    np.testing.assert_allclose(tf.Session().run(dx), expected, atol=1e-12)


def test_labels_and_logits_by_position_are_explained(tf):
    with pytest.raises(TypeError, match="by keyword"):
        tf.nn.softmax_cross_entropy_with_logits(tf.constant(LOGITS))
    with pytest.raises(TypeError, match="no labels"):
        tf.nn.sigmoid_cross_entropy_with_logits(logits=tf.constant(LOGITS))


UNKNOWN = [
    ((2, 2), (1, 2, 2), [None, 2], [None, None, 2]),
    ((2, 2), (2, 1, 2), None, None),
    ((3, 2, 2), (6, 2), None, [None, 2]),
    ((3, 2, 2), (6, 2), [None, None, None], [None, 2]),
    ((2, 3, 2), (6, 2), [2, None, 2], None),
    ((2,), (1, 2), None, [1, 2]),
]


def of_unknown_shapes(tf, logits, labels, known, others):
    rng = np.random.default_rng(3)
    with tf.Graph().as_default(), tf.Session() as session:
        x, t = tf.placeholder(tf.float32, known), tf.placeholder(tf.float32, others)
        loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=x)
        feeds = {x: rng.random(logits), t: np.eye(2)[rng.integers(2, size=labels[:-1])]}
        return session.run([loss, *tf.gradients(loss, [x, t])], feeds)


@pytest.mark.parametrize("shapes", UNKNOWN, ids=str)
def test_labels_of_another_shape_that_a_run_tells_are_tensorflows(tf, tensorflow, shapes):
    ours, theirs = of_unknown_shapes(tf, *shapes), of_unknown_shapes(tensorflow, *shapes)
    for a, b in zip(ours, theirs, strict=True):
        close(a, b)


@pytest.mark.parametrize(
    ("logits", "labels", "axis"),
    [
        ((2, 2), (2, 2, 1), -1),
        ((2, 2), (4,), -1),
        ((3, 2), (2, 2), -1),
        ((2, 3), (2, 2), -1),
        ((1, 2), (3, 2), -1),
        ((4, 2), (2, 4), -1),
        ((2, 2), (1, 2, 2), 0),
    ],
)
def test_labels_that_tensorflow_refuses_are_refused(tf, tensorflow, logits, labels, axis):
    for front in (tf, tensorflow):
        with front.Graph().as_default(), pytest.raises(ValueError):
            front.nn.softmax_cross_entropy_with_logits_v2(
                labels=front.ones(labels), logits=front.ones(logits), axis=axis
            )
