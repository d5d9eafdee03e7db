import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X = drawn(3, 4, 5)

ROWS = Rows()
for called in ("elu", "relu", "relu6", "selu", "sigmoid", "softplus", "softsign", "tanh", "crelu"):
    ROWS.add(called, lambda tf, x, f=called: getattr(tf.nn, f)(x * 4), X)
ROWS.add("leaky_relu", lambda tf, x: [tf.nn.leaky_relu(x), tf.nn.leaky_relu(x, 0.01)], X)
ROWS.add("swish", lambda tf, x: tf.nn.swish(x), X)
ROWS.add(
    "softmax", lambda tf, x: [tf.nn.softmax(x), tf.nn.softmax(x, 1), tf.nn.softmax(x, dim=0)], X
)
ROWS.add("log_softmax", lambda tf, x: [tf.nn.log_softmax(x), tf.nn.log_softmax(x, axis=1)], X)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_activations_of_the_name_space_are_those_of_the_front_page(tf):
    x = tf.constant(X)
    a, b = tf.Session().run([tf.nn.tanh(x), tf.tanh(x)])
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a, np.tanh(X))
