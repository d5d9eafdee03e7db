import numpy as np


def test_a_fully_connected_layer(tf):
    x = tf.constant(np.arange(6.0).reshape(2, 3), tf.float32)
    penalty = tf.contrib.layers.l1_regularizer(0.5)
    y = tf.contrib.layers.fully_connected(x, 4, weights_regularizer=penalty, scope="fc")
    z = tf.contrib.layers.fully_connected(x, 2, activation_fn=None, biases_initializer=None)
    names = [v.op.name for v in tf.trainable_variables()]
    assert names == ["fc/weights", "fc/biases", "fully_connected/weights"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        a, b, v, w, p = session.run(
            [y, z, *tf.trainable_variables()[::2], tf.losses.get_regularization_loss()]
        )
    rows = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(a, np.maximum(rows @ v, 0), rtol=1e-6)
    np.testing.assert_allclose(b, rows @ w, rtol=1e-5)
    np.testing.assert_allclose(p, 0.5 * np.abs(v).sum(), rtol=1e-6)


def test_cells_are_those_of_nn(tf):
    assert tf.contrib.rnn.BasicLSTMCell is tf.nn.rnn_cell.BasicLSTMCell
    assert tf.contrib.rnn.static_rnn is tf.nn.static_rnn
