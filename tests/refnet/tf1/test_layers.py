import warnings

import numpy as np
import pytest

from tests.refnet.tf1.agreement import close, drawn

IMAGES, ROWS = drawn(3, 8, 7, 2), drawn(6, 5)


def dense(tf, layers, x):
    a = layers.dense(x, 4, activation=tf.nn.relu)
    return layers.dense(a, 3, use_bias=False, name="out")


def dense_of_sequences(tf, layers, x):
    return layers.dense(tf.reshape(x, [2, 3, 5]), 4)


def convolutions(tf, layers, x):
    a = layers.conv2d(x, 4, [3, 2], padding="same", activation=tf.nn.relu)
    a = layers.conv2d(a, 3, 2, strides=(2, 1), name="second")
    return layers.conv2d(
        a, 2, 2, dilation_rate=1, strides=2, bias_initializer=tf.ones_initializer()
    )


def pools(tf, layers, x):
    a = layers.max_pooling2d(x, [2, 2], strides=2)
    return layers.flatten(layers.average_pooling2d(a, 2, 1, padding="same"))


def transposed(tf, layers, x):
    a = layers.conv2d_transpose(x, 3, 3, strides=2, padding="same")
    return layers.conv2d_transpose(a, 2, [2, 3], strides=(1, 2), activation=tf.tanh)


def regularized(tf, layers, x):
    def penalty(w):
        return 0.1 * tf.nn.l2_loss(w)

    a = layers.dense(x, 4, kernel_regularizer=penalty)
    return a * tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))


BUILDS = {
    f.__name__: (f, x)
    for f, x in (
        (dense, ROWS),
        (dense_of_sequences, ROWS),
        (convolutions, IMAGES),
        (pools, IMAGES),
        (transposed, IMAGES),
        (regularized, ROWS),
    )
}


def run(tf, layers, name):
    build, array = BUILDS[name]
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, array.shape)
        y = build(tf, layers, x)
        variables = tf.trainable_variables()
        grads = tf.gradients(tf.reduce_sum(tf.square(y)), [*variables, x])
        session.run(tf.global_variables_initializer())
        for i, v in enumerate(variables):
            session.run(v.assign(drawn(*v.get_shape().as_list(), seed=i).astype(np.float32)))
        return [v.name for v in variables], session.run([y, *grads], {x: array})


@pytest.mark.parametrize("name", list(BUILDS))
def test_layers_are_tensorflows(tf, tensorflow, name):
    class Layers:
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the layers are deprecated since
        package = "tensorflow.python.keras.legacy_tf_layers"
        for part in ("core", "convolutional", "pooling"):
            for key, f in vars(pytest.importorskip(f"{package}.{part}")).items():
                setattr(Layers, key, staticmethod(f) if callable(f) else f)
        their_names, expected = run(tensorflow, Layers, name)
    names, found = run(tf, tf.layers, name)
    assert names == their_names
    for a, b in zip(found, expected, strict=True):
        close(a, b)


@pytest.mark.parametrize("array", [ROWS, IMAGES])
def test_batch_normalization_in_training_and_at_inference(tf, array):
    x, training = tf.placeholder(tf.float32, array.shape), tf.placeholder(tf.bool)
    y = tf.layers.batch_normalization(x, momentum=0.9, training=training)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    names = [v.name for v in tf.global_variables()]
    ends = ("gamma", "beta", "moving_mean", "moving_variance")
    assert names == [f"batch_normalization/{end}:0" for end in ends]
    assert len(tf.trainable_variables()) == 2
    axes = tuple(range(array.ndim - 1))
    mean, variance = array.mean(axes), array.var(axes)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run([y, *updates], {x: array, training: False})
        np.testing.assert_allclose(before[0], array / np.sqrt(1 + 1e-3), rtol=1e-5)
        np.testing.assert_array_equal(before[1], 0)
        np.testing.assert_array_equal(before[2], 1)
        value, moved_mean, moved_variance = session.run([y, *updates], {x: array, training: True})
    expected = (array - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(value, expected, atol=1e-5)
    np.testing.assert_allclose(moved_mean, 0.1 * mean, atol=1e-6)
    n = array.size / array.shape[-1]
    followed = variance * n / (n - 1) if array.ndim == 4 else variance
    np.testing.assert_allclose(moved_variance, 0.9 + 0.1 * followed, rtol=1e-6)


def test_dropout_in_training_alone(tf):
    training = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(tf.ones([100, 10]), rate=0.4, training=training)
    with tf.Session() as session:
        assert (session.run(y, {training: False}) == 1).all()
        dropped = session.run(y, {training: True})
    assert set(np.unique(dropped)) == {0, np.float32(1 / 0.6)}
    x = tf.ones([2])
    assert tf.layers.dropout(x) is x


def test_layers_are_numbered_and_shared_by_name(tf):
    x = tf.ones([2, 3])
    tf.layers.dense(x, 2)
    tf.layers.dense(x, 2)
    tf.layers.dense(x, 2, name="fc")
    tf.layers.dense(x, 2, name="fc", reuse=True)
    names = [v.op.name for v in tf.trainable_variables()]
    assert names == [f"{n}/{v}" for n in ("dense", "dense_1", "fc") for v in ("kernel", "bias")]
    with pytest.raises(ValueError, match="fc/kernel"):
        tf.layers.dense(x, 2, name="fc")


def test_what_layers_refuse(tf):
    with pytest.raises(ValueError, match="known length of the last axis"):
        tf.layers.dense(tf.placeholder(tf.float32, [2, None]), 3)
    with pytest.raises(ValueError, match="dtype of floats"):
        tf.layers.dense(tf.constant([[1, 2]]), 3)
    with pytest.raises(ValueError, match="channels_last"):
        tf.layers.conv2d(tf.zeros([1, 2, 3, 3]), 1, 2, data_format="channels_first")
    with pytest.raises(ValueError, match="constraint"):
        tf.layers.dense(tf.zeros([1, 2]), 3, kernel_constraint=abs)
    with pytest.raises(ValueError, match="last axis, and no renormalisation"):
        tf.layers.batch_normalization(tf.zeros([1, 2, 2, 3]), axis=1)
    with pytest.raises(ValueError, match="known, but for the samples"):
        tf.layers.flatten(tf.placeholder(tf.float32, [2, None, 3]))
