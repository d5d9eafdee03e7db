import numpy as np
import pytest

from refnet.errors import DtypeError, ShapeError
from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X, Y = drawn(3, 4), drawn(3, 4, seed=1)
ROW, NUMBER = drawn(4, seed=2), drawn(seed=3)
P, Q = drawn(3, 4, low=0.2, high=3.0), drawn(3, 4, seed=1, low=0.2, high=3.0)
N, M = np.array([[7, -7, 5], [3, -2, 0]], np.int32), np.array([[2, 3, -4], [1, 5, -1]], np.int32)
B, C = N > 0, M > 0

ROWS = Rows()
for called in ("add", "subtract", "multiply", "maximum", "minimum", "squared_difference"):
    ROWS.add(called, lambda tf, x, y, f=called: getattr(tf, f)(x, y), X, Y)
    ROWS.add(f"{called}_row", lambda tf, x, y, f=called: getattr(tf, f)(x, y), X, ROW)
    ROWS.add(f"{called}_number", lambda tf, x, f=called: getattr(tf, f)(x, 0.5), X)
    ROWS.add(f"{called}_integers", lambda tf, x, y, f=called: getattr(tf, f)(x, y), N, M)
for called in ("divide", "truediv", "div", "pow"):
    ROWS.add(called, lambda tf, x, y, f=called: getattr(tf, f)(x, y), P, Q)
for called in ("div", "floordiv", "floor_div", "mod", "floormod", "divide", "truediv"):
    ROWS.add(f"{called}_ints", lambda tf, x, y, f=called: getattr(tf, f)(x, y), N, np.abs(M) + 1)
for called in (
    *("abs", "cos", "exp", "floor", "ceil", "negative", "rint", "round", "sigmoid", "log_sigmoid"),
    *("sign", "sin", "square", "tanh", "identity", "is_nan", "is_inf", "is_finite"),
    *("zeros_like", "ones_like", "stop_gradient"),
):
    ROWS.add(called, lambda tf, x, f=called: getattr(tf, f)(x), X)
for called in ("log", "sqrt", "rsqrt", "reciprocal"):
    ROWS.add(called, lambda tf, x, f=called: getattr(tf, f)(x), P)
for called in ("abs", "negative", "square", "sign"):
    ROWS.add(f"{called}_ints", lambda tf, x, f=called: getattr(tf, f)(x), N)
for called in ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]:
    ROWS.add(called, lambda tf, x, y, f=called: getattr(tf, f)(x, y), X, Y)
    ROWS.add(f"{called}_ints", lambda tf, x, f=called: getattr(tf, f)(x, 3), N)
for called in ("logical_and", "logical_or", "logical_xor"):
    ROWS.add(called, lambda tf, x, y, f=called: getattr(tf, f)(x, y), B, C)
ROWS.add("logical_not", lambda tf, x: tf.logical_not(x), B)
ROWS.add("not_a_number", lambda tf, x: [tf.is_nan(x), tf.is_inf(x)], np.array([np.nan, np.inf, 1]))
ROWS.add("power_of_two", lambda tf, x: tf.pow(x, 2), X)
ROWS.add("scalar_mul", lambda tf, x: tf.scalar_mul(0.3, x), X)
ROWS.add("add_n", lambda tf, x, y: tf.add_n([x, y, x]), X, Y)
ROWS.add("accumulate_n", lambda tf, x, y: tf.accumulate_n([x, y]), X, Y)
ROWS.add("operators", lambda tf, x, y: [x + y, x - 1, 2 * x, 1 - y, -x, x * y, abs(x)], X, Y)
ROWS.add("divisions", lambda tf, x, y: [x / y, 1 / y, x / 3, x**2, 2**x, x // 1, x % 2], P, Q)
ROWS.add(
    "integer_operators", lambda tf, n: [n + 1, n // 2, n % 3, n / 2, n * n, -n, 7 // (n * n + 1)], N
)
ROWS.add("questions", lambda tf, x, y: [x > y, x >= 0.1, x < y, x <= 0.0], X, Y)
ROWS.add("bools", lambda tf, b, c: [b & c, b | c, ~b], B, C)
ROWS.add("matmul", lambda tf, a, b: tf.matmul(a, b), X, drawn(4, 5))
ROWS.add("matmul_turned", lambda tf, a, b: tf.matmul(a, b, True, True), drawn(4, 3), drawn(5, 4))
ROWS.add(
    "matmul_batches",
    lambda tf, a, b: tf.matmul(a, b, transpose_b=True),
    drawn(2, 3, 4),
    drawn(2, 5, 4),
)
ROWS.add("matmul_operator", lambda tf, a, b: a @ b, X, drawn(4, 5))
ROWS.add(
    "cast", lambda tf, x: [tf.cast(x, tf.int32), tf.cast(x, "float"), tf.cast(x, tf.bool)], X * 3
)
ROWS.add(
    "casts", lambda tf, n: [tf.to_float(n), tf.to_double(n), tf.to_int64(n), tf.to_int32(n)], N
)
ROWS.add("realdiv", lambda tf, x, y: tf.realdiv(x, y), P, Q)
ROWS.add(
    "truncatediv",
    lambda tf, n, m: [tf.truncatediv(n, m), tf.truncatediv(-7, m), tf.truncatediv(n, [2, -2, 3])],
    N,
    M,
)
ROWS.add("truncatediv_floats", lambda tf, x, y: tf.truncatediv(x * 5.0, y), X, Q)
ROWS.add("clip_by_value", lambda tf, x: tf.clip_by_value(x, -0.5, 0.7), X)
ROWS.add("clip_by_arrays", lambda tf, x, y: tf.clip_by_value(x, -abs(y), abs(y)), X, Y)
ROWS.add("clip_integers", lambda tf, n: tf.clip_by_value(n, -2, 4), N)


NOT_DIFFERENTIATED = ("cast", "stop_gradient")


@pytest.mark.parametrize("name", [name for name in ROWS if name not in NOT_DIFFERENTIATED])
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_plain_numbers_are_of_32_bits(tf):
    assert tf.add(1.0, 2.0).dtype == np.float32
    assert tf.multiply(2, 3).dtype == np.int32
    assert (tf.constant(1.0, tf.float64) * 0.1).dtype == np.float64
    assert tf.maximum(0.0, tf.constant(2.0, tf.float64)).dtype == np.float64


def test_floats_beside_integers_are_refused(tf):
    n = tf.constant([1, 2], name="n")
    with pytest.raises(TypeError, match=r"n:0.*cast"):
        n * 0.5
    with pytest.raises(TypeError, match="one dtype"):
        tf.add(n, tf.constant([1.0, 2.0]))


def test_sums_of_nothing_are_refused(tf):
    with pytest.raises(ValueError, match="add_n: got nothing"):
        tf.add_n([])


def test_divisions_that_tensorflow_refuses_are_refused(tf):
    with pytest.raises(TypeError, match=r"realdiv: .* needs floats"):
        tf.realdiv([1, 2], 3)
    with pytest.raises(ValueError, match=r"truncatediv.*got 0 in y"):
        tf.Session().run(tf.truncatediv([1, 2], [1, 0]))
    for x, y, error in (
        (tf.constant([1, 2]), tf.constant([1.0, 2.0]), DtypeError),
        (tf.constant([1, 2]), 2.5, DtypeError),
        ([1, 2], [1, 2, 3], ShapeError),
    ):
        with pytest.raises(error, match="truncatediv"):
            tf.truncatediv(x, y)


def test_a_division_makes_no_node_beside_its_own(tf):
    y = tf.truncatediv(tf.constant([7]), 2)
    assert [n for n in y.graph.nodes if n.inputs] == [y]
