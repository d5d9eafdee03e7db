import numpy as np
import pytest

from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X = drawn(2, 3, 4)
N = np.array([[7, -7, 5], [3, -2, 1]], np.int32)

ROWS = Rows()
ROWS.add(
    "reduce_prod",
    lambda tf, x: [
        tf.reduce_prod(x),
        tf.reduce_prod(x, 1),
        tf.reduce_prod(x, [0, 2], keepdims=True),
    ],
    X,
)
ROWS.add(
    "cumsum",
    lambda tf, x: [
        tf.cumsum(x),
        tf.cumsum(x, 1),
        tf.cumsum(x, -1, True),
        tf.cumsum(x, 2, reverse=True),
        tf.cumsum(x, 2, True, True),
    ],
    X,
)
ROWS.add(
    "cumprod",
    lambda tf, x: [tf.cumprod(x), tf.cumprod(x, 1, exclusive=True), tf.cumprod(x, 2, reverse=True)],
    X,
)
ROWS.add("integers", lambda tf, n: [tf.cumsum(n, 1), tf.cumprod(n, 1), tf.reduce_prod(n, 0)], N)


@pytest.mark.parametrize("name", list(ROWS))
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])
