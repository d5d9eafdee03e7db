import numpy as np
import pytest


def test_a_variable_fetched_is_what_it_is_after_the_run(tf, tensorflow):
    def fetched(tf):
        with tf.Graph().as_default(), tf.Session() as session:
            step, w = tf.Variable(0, name="step"), tf.Variable([1.0, 2.0], name="w")
            loss = tf.reduce_sum(tf.square(w))
            train = tf.train.GradientDescentOptimizer(0.25).minimize(loss, global_step=step)
            session.run(tf.global_variables_initializer())
            found = session.run({"state": (step, [w]), "loss": loss, "by name": "w:0", "do": train})
            fed = session.run([w], {w: [7.0, 8.0]})
            return found, fed

    before = tensorflow.resource_variables_enabled()
    tensorflow.disable_resource_variables()  # TensorFlow 1's own
    try:
        theirs, their_fed = fetched(tensorflow)
    finally:
        if before:
            tensorflow.enable_resource_variables()
    ours, fed = fetched(tf)
    assert ours["state"][0] == theirs["state"][0] == 1
    np.testing.assert_array_equal(ours["state"][1][0], theirs["state"][1][0])
    np.testing.assert_array_equal(ours["by name"], theirs["by name"])
    assert ours["loss"] == theirs["loss"] == 5.0
    assert ours["do"] is theirs["do"] is None
    np.testing.assert_array_equal(fed[0], their_fed[0])


def test_operations_have_no_value(tf):
    y = tf.square(tf.constant(3.0), name="y")
    with tf.Session() as session:
        assert session.run(["y:0", "y", y.op]) == [9.0, None, None]
        assert session.run(tf.get_default_graph().get_operation_by_name("y")) is None


def test_feeds_that_no_fetch_needs_pass(tf):
    x, unused = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    with tf.Session() as session:
        assert session.run(x + 1.0, {x: 1.0, unused: [1, 2]}) == 2.0


def test_settings_have_no_part_in_a_value(tf):
    config = tf.ConfigProto(allow_soft_placement=True, gpu_options=tf.GPUOptions())
    config.gpu_options.allow_growth = True
    config.intra_op_parallelism_threads = 1
    with tf.device("/cpu:0"), tf.Session("", tf.get_default_graph(), config) as session:
        assert session.run(tf.constant(1.0), options=None, run_metadata=None) == 1.0
    tf.logging.set_verbosity(tf.logging.INFO)
    tf.logging.set_verbosity(tf.logging.WARN)


def test_an_interactive_session_is_the_default_until_it_is_closed(tf):
    session = tf.InteractiveSession()
    w = tf.Variable(2.0)
    tf.global_variables_initializer().run()
    assert w.eval() == 2.0
    assert tf.get_default_session() is session
    w.load(5.0, session)
    assert (w * 2).eval() == 10.0
    session.close()
    with pytest.raises(ValueError, match="no session"):
        w.eval()


def test_errors_by_tensorflows_names(tf):
    x, w = tf.placeholder(tf.float32, [2]), tf.Variable(1.0)
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(x)
        with pytest.raises(tf.errors.FailedPreconditionError):
            session.run(w)
        with pytest.raises(tf.errors.NotFoundError):
            tf.train.Saver().restore(session, "nowhere")
        with pytest.raises(tf.errors.OpError):
            session.run(x, {x: [1.0]})


def test_whole_floats_are_integers_and_fractions_are_none(tf):
    n, b = tf.placeholder(tf.int32, [2]), tf.placeholder(tf.bool, [2])
    with tf.Session() as session:
        assert session.run(n * 2, {n: np.array([1.0, 3.0])}).tolist() == [2, 6]
        assert session.run(tf.logical_not(b), {b: [0.0, 1.0]}).tolist() == [True, False]
        for bad in ([0.5, 1.0], [np.nan, 1.0], [np.inf, 1.0]):
            with pytest.raises(ValueError, match="fractions"):
                session.run(n * 2, {n: bad})
