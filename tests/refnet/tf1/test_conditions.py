import numpy as np
import pytest

from refnet.errors import ShapeError
from tests.refnet.tf1.agreement import close


def branches(tf):
    """Return the values of both ways, and the gradients."""
    with tf.Graph().as_default(), tf.Session() as session:
        test, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [3])
        one = tf.cond(test, lambda: x * 2.0, lambda: tf.square(x))
        pair = tf.cond(tf.reduce_sum(x) > 0, lambda: (x, x[0]), lambda: (-x, x[1]))
        (dx,) = tf.gradients(one, x)
        feeds = [{test: t, x: v} for t in (True, False) for v in ([1, 2, 3], [-1, -2, -3])]
        return [session.run([one, *pair, dx], feed) for feed in feeds]


def test_either_value_and_gradient_are_tensorflows(tf, tensorflow):
    for ours, theirs in zip(branches(tf), branches(tensorflow), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            close(a, b)


def test_either_value_is_that_of_its_function(tf):
    value, plus, first, dx = branches(tf)[0]
    np.testing.assert_array_equal(value, [2, 4, 6])
    np.testing.assert_array_equal(plus, [1, 2, 3])
    assert first == 1
    np.testing.assert_array_equal(dx, [2, 2, 2])


def normalized(tf):
    """Return what a network sees that keeps averages of its moments, in training alone."""
    with tf.Graph().as_default(), tf.Session() as session:
        x, training = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.bool, [])
        mean, variance = tf.nn.moments(x, [0])
        ema = tf.train.ExponentialMovingAverage(decay=0.5)

        def updated():
            with tf.control_dependencies([ema.apply([mean, variance])]):
                return tf.identity(mean), tf.identity(variance)

        def averages():
            return ema.average(mean), ema.average(variance)

        m, v = tf.cond(training, updated, averages)
        y = tf.nn.batch_normalization(x, m, v, None, None, 1e-3)
        session.run(tf.global_variables_initializer())
        rows = np.array([[1.0, 2.0], [3.0, -1.0]])
        return [
            session.run(node, {x: rows * scale, training: t})
            for scale, t in ((1, True), (2, False), (3, True), (4, False))
            for node in ([y, m, v],)
        ]


def test_assignments_are_done_where_their_value_is_taken(tf):
    means = [m for _, m, _ in normalized(tf)]
    first = np.array([2.0, 0.5])
    np.testing.assert_allclose(means, [first, 0.5 * first, 3 * first, 1.75 * first])


def test_moments_that_are_kept_in_training_are_tensorflows(tf, tensorflow_of_1):
    for ours, theirs in zip(normalized(tf), normalized(tensorflow_of_1), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            close(a, b)


def group(tf, v, ema):
    return tf.group(v.assign_add(1.0), name="add")


def nothing(tf, v, ema):
    return tf.no_op()


def operation(tf, v, ema):
    return v.assign_add(2.0).op


def average(tf, v, ema):
    return ema.apply([v])


def several(tf, v, ema):
    return [tf.group(v.assign_sub(1.0)), tf.identity(7.0)]


def several_else(tf, v, ema):
    return [tf.no_op(), tf.identity(8.0)]


def held(tf, v, ema):
    return tf.constant(True)


OPERATIONS = {
    "group": (group, nothing),
    "either": (group, operation),
    "average": (average, nothing),
    "several": (several, several_else),
    "beside a bool": (group, held),
}


def after_operations(tf, functions):
    """Return what a choice between operations gives, and the variable after it."""
    with tf.Graph().as_default(), tf.Session() as session:
        v, test = tf.Variable(3.0), tf.placeholder(tf.bool, [])
        ema = tf.train.ExponentialMovingAverage(0.5)
        then, otherwise = ((lambda f=f: f(tf, v, ema)) for f in functions)
        chosen = tf.cond(test, then, otherwise)
        with tf.control_dependencies(chosen if isinstance(chosen, list) else [chosen]):
            late = tf.identity(test)
        session.run(tf.global_variables_initializer())
        found = []
        for node in (chosen, late):
            for t in (True, False, True):
                made = session.run(node, {test: t})
                found += [*(made if isinstance(made, list) else [made]), session.run(v)]
        return found


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_operations_of_either_way_are_tensorflows(tf, tensorflow, name):
    ours, theirs = (after_operations(f, OPERATIONS[name]) for f in (tf, tensorflow))
    for a, b in zip(ours, theirs, strict=True):
        close(a, b)


def test_an_operation_gives_the_condition_and_is_done_where_it_holds(tf):
    found = after_operations(tf, OPERATIONS["group"])
    assert found == [True, 4, False, 4, True, 5, True, 6, False, 6, True, 7]


CASES = {
    "default": ({}, True),
    "no default": ({}, False),
    "exclusive": ({"exclusive": True}, True),
    "exclusive, no default": ({"exclusive": True}, False),
}


def taken(tf, options, default, x, single):
    """Return the values of a choice among several, and whether the run is refused."""
    with tf.Graph().as_default(), tf.Session() as session:
        v, n = tf.placeholder(tf.float32, []), tf.Variable(0.0)
        pairs = [
            (v < 0, lambda: (v * 2.0, n.assign_add(1.0))),
            (v > 1, lambda: (tf.square(v), n.assign_add(10.0))),
            (v > 5, lambda: (v + 1.0, n.assign_add(100.0))),
        ]
        other = (lambda: (tf.identity(v), n + 0.0)) if default else None
        y = tf.case(pairs[:1] if single else pairs, default=other, **options)
        session.run(n.initializer)
        feeds = {v: x}
        try:
            found = session.run(y, feeds)
        except tf.errors.OpError:
            return None
        return [*found, *(session.run(tf.gradients(y[0], v), feeds) if default else ())]


@pytest.mark.parametrize("name", list(CASES))
@pytest.mark.parametrize("single", [False, True])
def test_a_choice_among_several_is_tensorflows(tf, tensorflow, name, single):
    refused = 0
    for x in (-2, 0.5, 3, 7):
        ours, theirs = (taken(front, *CASES[name], x, single) for front in (tf, tensorflow))
        if name == "exclusive, no default" and x == 7 and not single:
            assert ours is None  # TensorFlow leaves the last condition out, against its own word
            continue
        assert (ours is None) == (theirs is None), x
        for a, b in zip(ours or (), theirs or (), strict=True):
            close(a, b)
        refused += ours is None
    assert refused == 0 if name == "default" or (single and CASES[name][1]) else refused > 0


def test_what_a_choice_among_several_refuses(tf):
    with pytest.raises(ValueError, match="no pair"):
        tf.case([])
    held = tf.case({tf.constant(True): lambda: tf.constant(1.0)}, default=lambda: tf.constant(2.0))
    assert tf.Session().run(held) == 1


def test_what_a_condition_refuses(tf):
    w, test = tf.Variable(1.0, name="w"), tf.placeholder(tf.bool, [])
    step = tf.train.GradientDescentOptimizer(0.1)
    with pytest.raises(ValueError, match="training step 'cond/GradientDescent'"):
        tf.cond(test, lambda: step.minimize(w * w), lambda: w)
    with pytest.raises(ValueError, match="one structure"):
        tf.cond(test, lambda: (w, w), lambda: w)
    with pytest.raises(TypeError, match="two of one dtype"):
        tf.cond(test, lambda: tf.group(w.assign_add(1.0)), lambda: w)
    with pytest.raises(ValueError, match="returns nothing"):
        tf.cond(test, lambda: None, lambda: w)
    with pytest.raises(ValueError, match="one function"):
        tf.cond(test, lambda: w)


def _of_other_shapes(tf, which):
    p = tf.placeholder(tf.bool, [])
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.cond(p, lambda: tf.reduce_sum(x, 0, keepdims=True), lambda: 2.0 * x)
    z = tf.case([(p, lambda: tf.zeros([]))], default=lambda: tf.ones([2]))
    with tf.Session() as session:
        found = [y, z, tf.gradients(y, x)[0]]
        return session.run(found, {p: which, x: np.arange(12.0).reshape(4, 3)})


@pytest.mark.parametrize("which", [True, False])
def test_values_of_other_shapes_are_chosen_as_a_whole(which, tf, tensorflow):
    with tensorflow.Graph().as_default():
        theirs = _of_other_shapes(tensorflow, which)
    for a, b in zip(_of_other_shapes(tf, which), theirs, strict=True):
        close(a, b)


def test_a_condition_of_several_is_refused(tf):
    with pytest.raises(ShapeError, match="cond"):
        tf.cond(tf.constant([True, False]), lambda: tf.zeros([]), lambda: tf.ones([]))
