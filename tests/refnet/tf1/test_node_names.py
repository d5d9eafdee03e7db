"""Names of nodes, where an operation is made of several: they are under its own name."""

import numpy as np
import pytest


def moments(tf):
    x = tf.zeros([2, 3])
    return [
        *tf.nn.moments(x, [0]),
        *tf.nn.moments(x, [0], keep_dims=True),
        *tf.nn.moments(x, [1], name="stats"),
    ]


def batch_normalization(tf):
    x, b = tf.zeros([2, 3]), tf.ones([3])
    return [
        tf.nn.batch_normalization(x, b, b, b, b, 1e-3),
        tf.nn.batch_normalization(x, b, b, b, None, 1e-3, name="bn"),
    ]


def tensordot(tf):
    x, w = tf.zeros([2, 3, 4]), tf.zeros([4, 5])
    return [tf.tensordot(x, w, 1), tf.tensordot(x, w, [[2], [0]], name="product")]


def normalized(tf):
    x = tf.ones([2, 3])
    return [
        tf.nn.l2_normalize(x, 1),
        tf.clip_by_norm(x, 1.0),
        tf.norm(x),
        tf.norm(x, 1, axis=1),
        tf.rsqrt(x),
        tf.reciprocal(x),
    ]


def masked(tf):
    return [
        tf.sequence_mask([1, 2]),
        tf.sequence_mask([1, 2], 3, name="held"),
        tf.roll([1, 2], 1, 0),
    ]


def clipped(tf):
    """Return the norm alone: what is clipped is named otherwise than in TensorFlow."""
    rows = [tf.ones([2]), tf.ones([3])]
    return [
        tf.clip_by_global_norm(rows, 1.0)[1],
        tf.global_norm(rows),
        tf.global_norm(rows, name="n"),
    ]


def dropped(tf):
    """Return none, but what comes later is named after it."""
    x = tf.ones([2, 3])
    assert tf.nn.dropout(x, 0.5).name.startswith("dropout")
    assert tf.nn.dropout(x, 0.5, noise_shape=[2, 1]).name.startswith("dropout_1")
    return [tf.zeros([2])]


def losses(tf):
    x = tf.ones([2, 3])
    return [
        tf.reduce_logsumexp(x, 1),
        tf.reduce_logsumexp(x, 1, name="total"),
        tf.nn.weighted_cross_entropy_with_logits(x, x, 2.0),
    ]


def axes(tf):
    x = tf.placeholder(tf.float32, [None, 1, 3])
    return [
        tf.expand_dims(x, 1),
        tf.expand_dims(x, -1, name="e"),
        tf.squeeze(x, [1]),
        tf.squeeze(x),
    ]


BUILDS = (
    moments,
    batch_normalization,
    tensordot,
    normalized,
    masked,
    clipped,
    dropped,
    losses,
    axes,
)


def later(tf):
    """Return nodes of the kinds that the others are made of."""
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    every = [tf.reduce_mean(x), tf.reduce_sum(x), tf.square(x), tf.sqrt(x), tf.log(x), tf.exp(x)]
    more = [tf.transpose(x), tf.matmul(x, x), tf.maximum(x, x), tf.reduce_max(x), x * x, x + x]
    return [*every, *more, x - x, x / x, -x]


def names(tf, *builds):
    with tf.Graph().as_default():
        return [node.name for build in builds for node in build(tf)]


@pytest.mark.parametrize("build", BUILDS)
def test_names_and_those_of_later_nodes_are_tensorflows(tf, tensorflow, build):
    assert names(tf, build, later) == names(tensorflow, build, later)


def conditions(tf):
    x, test = tf.ones([2]), tf.placeholder(tf.bool, [])
    pair = tf.cond(test, lambda: (x * x, tf.exp(x)), lambda: (x - x, tf.log(x)), name="either")
    return [tf.cond(test, lambda: tf.square(x), lambda: x + x), *pair]


def test_names_after_conditions_are_tensorflows(tf, tensorflow_of_1):
    assert names(tf, conditions, later) == names(tensorflow_of_1, conditions, later)


def averages(tf):
    """Return the names of averages made in scopes, and of what moves them."""
    with tf.Graph().as_default():
        ema = [tf.train.ExponentialMovingAverage(0.5) for _ in range(3)]
        with tf.variable_scope("bn"):
            w = tf.get_variable("w", [3])
            with tf.variable_scope("inner"):
                mean, variance = tf.nn.moments(tf.zeros([2, 3]), [0])
                operations = [ema[0].apply([mean, variance, w]), ema[1].apply([mean])]
        operations.append(ema[2].apply([w]))
        other = tf.train.ExponentialMovingAverage(0.5, name="average")
        with tf.name_scope("names"):
            v = tf.Variable(np.float32(1), name="v")
            operations.append(other.apply([v]))
        found = [ema[0].average(n) for n in (mean, variance, w)]
        found += [ema[1].average(mean), ema[2].average(w), other.average(v)]
        return [
            *[node.name for node in (*found, *operations)],
            *[ema[0].average_name(w), ema[2].average_name(w), other.average_name(v)],
            *[node.name for node in later(tf)],
        ]


def test_averages_are_named_within_the_scope_in_force(tf, tensorflow):
    ours = averages(tf)
    assert ours == averages(tensorflow)
    assert ours[2] == "bn/inner/bn/w/ExponentialMovingAverage:0"
