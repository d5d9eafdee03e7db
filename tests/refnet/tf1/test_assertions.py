import numpy as np
import pytest

import refnet.tf1
from refnet.errors import DomainError, DtypeError, RefnetError, ShapeError

COMPARED = ("equal", "less", "less_equal", "greater", "greater_equal")
SIGNED = ("positive", "negative", "non_negative", "non_positive")
PAIRS = [([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0], [3.0, 3.0]), ([1.0, 2.0], [0.0, 0.0])]


def holds(tf, build, *arrays):
    """Return whether the operation lets a run pass, and what waits for it."""
    with tf.Graph().as_default(), tf.Session() as session:
        nodes = [tf.placeholder(tf.float32, [2]) for _ in arrays]
        operation = build(tf, *nodes)
        with tf.control_dependencies([operation]):
            late = tf.constant(3.0) + 1.0
        feeds = dict(zip(nodes, arrays, strict=True))
        failure = RefnetError if tf is refnet.tf1 else tf.errors.InvalidArgumentError
        try:
            assert session.run(operation, feeds) is None
        except failure:
            return False
        return session.run(late, feeds) == 4


@pytest.mark.parametrize("name", COMPARED)
def test_comparisons_hold_where_tensorflows_do(tf, tensorflow, name):
    def build(tf, x, y):
        return getattr(tf, f"assert_{name}")(x, y, message="so it is")

    ours = [holds(tf, build, *pair) for pair in PAIRS]
    assert ours == [holds(tensorflow, build, *pair) for pair in PAIRS]
    assert set(ours) == {True, False}


@pytest.mark.parametrize("name", SIGNED)
def test_signs_hold_where_tensorflows_do(tf, tensorflow, name):
    def build(tf, x):
        return getattr(tf, f"assert_{name}")(x, [x])

    rows = [[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0], [-1.0, -2.0], [-1.0, 1.0]]
    ours = [holds(tf, build, row) for row in rows]
    assert ours == [holds(tensorflow, build, row) for row in rows]
    assert set(ours) == {True, False}


def test_a_condition_holds_where_tensorflows_does(tf, tensorflow):
    def build(tf, x):
        return tf.Assert(tf.reduce_all(x > 0), ["x is", x])

    for row, held in (([1.0, 2.0], True), ([0.0, 2.0], False)):
        assert holds(tf, build, row) == holds(tensorflow, build, row) == held


def test_an_assertion_names_what_does_not_hold(tf):
    x = tf.placeholder(tf.float32, [2])
    refused = [
        (tf.assert_equal(x, 1.0, message="Not one?"), r"assert_equal.*\[1.0, 2.0\].*x == y.*Not"),
        (tf.assert_negative(x), r"assert_negative.*x < 0"),
        (tf.Assert(tf.reduce_all(x < 0), ["x", x]), r"Assert.*got \['x', \[1.0, 2.0\]\]"),
    ]
    for operation, why in refused:
        with pytest.raises(ValueError, match=why):
            tf.Session().run(operation, {x: [1.0, 2.0]})
        with tf.control_dependencies([operation]):
            y = tf.identity(x)
        with pytest.raises(ValueError, match=why):
            tf.Session().run(y, {x: [1.0, 2.0]})


REFUSED = {
    "shapes": (
        ShapeError,
        lambda tf: tf.assert_equal([1, 2], [1, 2, 3]),
        "assert_equal.*broadcast",
    ),
    "dtypes": (
        DtypeError,
        lambda tf: tf.assert_less(tf.constant([1, 2]), tf.constant([1.0, 2.0])),
        "assert_less.*one dtype",
    ),
    "a float beside ints": (
        DtypeError,
        lambda tf: tf.assert_equal(tf.constant([1, 2]), 1.5),
        "assert_equal.*one dtype",
    ),
    "plain ones": (DtypeError, lambda tf: tf.assert_equal([1, 2], [1.5, 2.0]), "one dtype"),
    "a number": (DtypeError, lambda tf: tf.Assert(tf.constant(1), [b"x"]), "Assert.*a bool"),
    "a float": (DtypeError, lambda tf: tf.Assert(1.5, ["x"]), "Assert.*a bool"),
    "a mask": (ShapeError, lambda tf: tf.Assert([True, False], ["x"]), "reduce_all"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_assertions_refuse_when_they_are_made(tf, tensorflow, name):
    error, build, why = REFUSED[name]
    with pytest.raises(error, match=why):
        build(tf)
    if name == "a mask":  # which TensorFlow finds in a run
        return
    with tensorflow.Graph().as_default(), pytest.raises((TypeError, ValueError)):
        build(tensorflow)


def test_shapes_that_a_run_tells_not_to_broadcast(tf):
    x, y = tf.placeholder(tf.int32, None), tf.placeholder(tf.int32, None)
    with pytest.raises(ShapeError, match=r"assert_equal.*broadcast"):
        tf.Session().run(tf.assert_equal(x, y), {x: [1, 2], y: [1, 2, 3]})


def test_a_plain_value_takes_the_dtype_of_the_node_beside_it(tf):
    for x, y in ((tf.constant([2.0], tf.float64), 2), ([2, 2], tf.constant(2, tf.uint8))):
        assert tf.Session().run(tf.assert_equal(x, y)) is None
        assert tf.Session().run(tf.assert_positive(y)) is None
    x = tf.constant(2.0)
    assert tf.Session().run(tf.assert_equal([x, 2.0], x)) is None
    assert tf.Session().run(tf.assert_equal(x, [[x, 2.0]])) is None


def test_data_of_bytes_are_shown(tf):
    with pytest.raises(DomainError, match=r"got \[b'x', 'y', 3\]"):
        tf.Session().run(tf.Assert(False, [b"x", "y", 3]))


def test_an_assertion_of_the_way_that_is_not_taken_is_not_looked_at(tf):
    x, test = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.bool, [])

    def strict():
        with tf.control_dependencies([tf.assert_positive(x)]):
            return tf.sqrt(x)

    y = tf.cond(test, strict, lambda: -x)
    session, feeds = tf.Session(), {x: [-1.0, 4.0]}
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(session.run(y, {**feeds, test: False}), [1, -4])
    with pytest.raises(ValueError, match="x > 0"):
        session.run(y, {**feeds, test: True})


def test_print_gives_its_input(tf, tensorflow):
    for front in (tf, tensorflow):
        with front.Graph().as_default(), front.Session() as session:
            x = front.placeholder(front.float32, [2])
            y = front.Print(x, [x], first_n=0)
            found = session.run([y, *front.gradients(y * y, x)], {x: [1.0, 2.0]})
            np.testing.assert_array_equal(found, [[1, 2], [2, 4]])
