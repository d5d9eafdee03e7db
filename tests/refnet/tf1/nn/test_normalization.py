import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

IMAGES = drawn(2, 4, 3, 5)
S, B = drawn(5), drawn(5, seed=1)
V = drawn(5, low=0.5, high=2.0)

ROWS = Rows()
ROWS.add(
    "moments",
    lambda tf, x: [*tf.nn.moments(x, [0, 1, 2]), *tf.nn.moments(x, [0], keep_dims=True)],
    IMAGES,
)
ROWS.add(
    "batch_normalization",
    lambda tf, x, s, b, v: tf.nn.batch_normalization(x, b, v, b, s, 1e-3),
    IMAGES,
    S,
    B,
    V,
)
ROWS.add(
    "without_scale",
    lambda tf, x, b, v: [
        tf.nn.batch_normalization(x, b, v, None, None, 1e-3),
        tf.nn.batch_normalization(x, b, v, b, None, 1e-3),
    ],
    IMAGES,
    B,
    V,
)
ROWS.add(
    "with_global_normalization",
    lambda tf, x, s, b, v: [
        tf.nn.batch_norm_with_global_normalization(x, b, v, b, s, 1e-3, True),
        tf.nn.batch_norm_with_global_normalization(x, b, v, b, s, 1e-3, False),
    ],
    IMAGES,
    S,
    B,
    V,
)
ROWS.add(
    "normalized_by_its_moments",
    lambda tf, x, s, b: tf.nn.batch_normalization(x, *tf.nn.moments(x, [0]), b, s, 1e-3),
    drawn(6, 5),
    S,
    B,
)
ROWS.add(
    "l2_normalize",
    lambda tf, x: [
        tf.nn.l2_normalize(x, 3),
        tf.nn.l2_normalize(x, [1, 2], epsilon=1e-3),
        tf.nn.l2_normalize(x, dim=0),
    ],
    IMAGES,
)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def lrn(tf, x):
    return [tf.nn.lrn(x, 2, 1.0, 0.3, 0.75), tf.nn.local_response_normalization(x)]


def fused(tf, x, s, b):
    return tf.nn.fused_batch_norm(x, s, b)[0]


@pytest.mark.parametrize("build", [lrn, fused])
def test_what_tensorflow_has_in_single_precision_alone(tf, tensorflow, build):
    row = (build, (IMAGES,) if build is lrn else (IMAGES, S, B))
    check_gradients(tf, row)
    check_agreement(tf, tensorflow, row, np.float32)


def test_fused_batch_norm_returns_the_unbiased_variance(tf):
    x = tf.constant(IMAGES)
    _, mean, variance = tf.nn.fused_batch_norm(x, tf.constant(S), tf.constant(B))
    a, b = tf.Session().run([mean, variance])
    np.testing.assert_allclose(a, IMAGES.mean((0, 1, 2)), atol=1e-12)
    np.testing.assert_allclose(b, IMAGES.var((0, 1, 2), ddof=1))
    given = tf.nn.fused_batch_norm(
        x, tf.constant(S), tf.constant(B), tf.constant(B), tf.constant(V), is_training=False
    )[0]
    expected = S * (IMAGES - B) / np.sqrt(V + 1e-3) + B
    np.testing.assert_allclose(tf.Session().run(given), expected, atol=1e-12)


def test_channels_that_are_not_known_are_named(tf):
    with pytest.raises(ValueError, match="known number of channels"):
        tf.nn.lrn(tf.placeholder(tf.float32, [1, 2, 2, None]))
