import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

IMAGES, FILTERS = drawn(2, 7, 6, 3), drawn(3, 2, 3, 4)
SEQUENCES = drawn(2, 8, 3)

ROWS = Rows()
for padding in ("SAME", "VALID"):
    for s in (1, 2):
        ROWS.add(
            f"conv2d_{padding}_{s}",
            lambda tf, x, w, s=s, p=padding: tf.nn.conv2d(x, w, [1, s, s, 1], p),
            IMAGES,
            FILTERS,
        )
        ROWS.add(
            f"max_pool_{padding}_{s}",
            lambda tf, x, s=s, p=padding: tf.nn.max_pool(x, [1, 3, 2, 1], [1, s, s, 1], padding=p),
            IMAGES,
        )
        ROWS.add(
            f"avg_pool_{padding}_{s}",
            lambda tf, x, s=s, p=padding: tf.nn.avg_pool(x, [1, 3, 2, 1], [1, s, s, 1], p),
            IMAGES,
        )
        ROWS.add(
            f"conv1d_{padding}_{s}",
            lambda tf, x, w, s=s, p=padding: tf.nn.conv1d(x, w, s, p),
            SEQUENCES,
            drawn(3, 3, 5),
        )
        ROWS.add(
            f"depthwise_{padding}_{s}",
            lambda tf, x, w, s=s, p=padding: tf.nn.depthwise_conv2d(x, w, [1, s, s, 1], p),
            IMAGES,
            drawn(3, 2, 3, 2),
        )
ROWS.add(
    "explicit_pads",
    lambda tf, x, w: tf.nn.conv2d(x, w, 1, [[0, 0], [2, 1], [0, 1], [0, 0]]),
    IMAGES,
    FILTERS,
)
ROWS.add(
    "atrous_conv2d",
    lambda tf, x, w: [tf.nn.atrous_conv2d(x, w, 2, p) for p in ("SAME", "VALID")],
    IMAGES,
    FILTERS,
)
ROWS.add(
    "separable_conv2d",
    lambda tf, x, d, p: tf.nn.separable_conv2d(x, d, p, [1, 2, 2, 1], "SAME"),
    IMAGES,
    drawn(3, 2, 3, 2),
    drawn(1, 1, 6, 5),
)
for size, padding in ((6, "SAME"), (5, "SAME"), (7, "VALID"), (8, "VALID")):
    ROWS.add(
        f"conv2d_transpose_{size}_{padding}",
        lambda tf, x, w, n=size, p=padding: tf.nn.conv2d_transpose(
            x, w, [2, n, n, 4], [1, 2, 2, 1], padding=p
        ),
        drawn(2, 3, 3, 5),
        drawn(3, 3, 4, 5),
    )
ROWS.add(
    "conv2d_transpose_of_a_batch",
    lambda tf, x, w: tf.nn.conv2d_transpose(
        x, w, tf.stack([tf.shape(x)[0], 6, 6, 4]), strides=[1, 2, 2, 1]
    ),
    drawn(2, 3, 3, 5),
    drawn(3, 3, 4, 5),
)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_dilations_are_those_of_the_convolution_with_holes(tf):
    x, w = tf.constant(IMAGES), tf.constant(FILTERS)
    a = tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME", dilations=[1, 2, 2, 1])
    a, b = tf.Session().run([a, tf.nn.atrous_conv2d(x, w, 2, "SAME")])
    np.testing.assert_array_equal(a, b)


def test_a_window_without_a_size_is_refused(tf):
    with pytest.raises(ValueError, match=r"strides=\[1, 2, 2\].*\[1, 2, 2, 1\] is 2"):
        tf.nn.conv2d(tf.constant(IMAGES), tf.constant(FILTERS), [1, 2, 2], "SAME")
    with pytest.raises(ValueError, match="padding=None"):
        tf.nn.max_pool(tf.constant(IMAGES), [1, 2, 2, 1], [1, 2, 2, 1], None)
    with pytest.raises(ValueError, match="data_format"):
        tf.nn.conv2d(tf.constant(IMAGES), tf.constant(FILTERS), 1, "SAME", data_format="NWHC")


def test_the_layout_nchw_is_that_of_transposed_images(tf):
    x, w = tf.constant(IMAGES), tf.constant(FILTERS)
    turned = tf.transpose(x, [0, 3, 1, 2])
    last = tf.nn.conv2d(x, w, [1, 2, 1, 1], "SAME")
    first = tf.nn.conv2d(turned, w, [1, 1, 2, 1], "SAME", data_format="NCHW")
    pooled = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    pooled_first = tf.nn.max_pool(turned, [1, 1, 2, 2], [1, 1, 2, 2], "VALID", data_format="NCHW")
    a, b, c, d = tf.Session().run([last, first, pooled, pooled_first])
    np.testing.assert_allclose(b.transpose(0, 2, 3, 1), a, atol=1e-12)
    np.testing.assert_array_equal(d.transpose(0, 2, 3, 1), c)


def test_a_transposed_convolution_to_no_such_shape_is_refused(tf):
    x, w = tf.zeros([1, 3, 3, 5]), tf.zeros([3, 3, 4, 5])
    with pytest.raises(ValueError, match="takes to"):
        tf.nn.conv2d_transpose(x, w, [1, 2, 2, 4], 1, "VALID")
    with pytest.raises(ValueError, match="rows and columns"):
        tf.nn.conv2d_transpose(tf.placeholder(tf.float32, [1, None, 3, 5]), w, [1, 3, 3, 4], 1)
