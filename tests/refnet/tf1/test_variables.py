import numpy as np
import pytest

from refnet.errors import OptionError


def test_names_are_tensorflows(tf, tensorflow):
    def names(tf):
        with tf.Graph().as_default():
            tf.Variable(1.0)
            tf.Variable([1.0], name="w")
            with tf.name_scope("layer"):
                tf.Variable(1.0, name="w")
                tf.get_variable("v", [2])
            with tf.variable_scope("cell"):
                tf.get_variable("v", [2])
                tf.Variable(1.0, name="w")
            with tf.variable_scope("cell", reuse=True):
                tf.get_variable("v", [2])
                x = tf.get_variable("v") + 1.0
            with tf.variable_scope(""):
                tf.get_variable("u", [1])
            for _ in range(2):
                with tf.variable_scope(None, "unit"):
                    tf.get_variable("v", [1])
            a = tf.constant(1.0) * 2.0 + tf.constant(3.0)
            nodes = [x, a, tf.constant(0), tf.add(a, 1.0), tf.multiply(a, a), tf.pow(a, 2.0), -a]
            nodes += [tf.subtract(a, 1.0), tf.matmul([[1.0]], [[2.0]]), tf.nn.relu(a), a / 2.0]
            return [v.name for v in tf.global_variables()], [node.name for node in nodes]

    assert names(tf) == names(tensorflow)


def test_collections(tf):
    v = tf.Variable(1.0, collections=["kept", tf.GraphKeys.GLOBAL_VARIABLES], name="v")
    counter = tf.Variable(0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    tf.add_to_collection("losses", v * 2.0)
    tf.add_to_collections(["losses", "others"], v * 3.0)
    assert tf.get_collection("kept") == [v]
    assert tf.global_variables() == tf.trainable_variables() == [v]
    assert tf.local_variables() == [counter]
    tf.get_collection_ref("others").append(v)
    assert len(tf.get_collection("others")) == 2
    assert tf.get_default_graph().get_all_collection_keys() == [
        *("kept", "local_variables", "losses", "others", "trainable_variables", "variables")
    ]
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        assert session.run(tf.add_n(tf.get_collection("losses"))) == 5.0
        assert session.run(counter) == 0


def test_scopes_hand_down_an_initializer_and_start_anew(tf):
    tf.get_variable_scope().set_initializer(tf.constant_initializer(0.5))
    v = tf.get_variable("v", [2])
    for reuse in (False, True):
        with tf.variable_scope("model", reuse=reuse):
            tf.layers.dense(tf.ones([1, 2]), 1)
    assert [w.op.name for w in tf.trainable_variables()[1:]] == [
        "model/dense/kernel",
        "model/dense/bias",
    ]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert (session.run(v) == 0.5).all()


def test_whether_a_variable_has_a_value(tf):
    w = tf.Variable(1.0)
    asked = tf.is_variable_initialized(w)
    with tf.Session() as session:
        assert not session.run(asked)
        session.run(tf.variables_initializer([w]))
        assert session.run(asked)


def test_assignments(tf):
    w = tf.Variable([1.0, 2.0])
    nodes = [tf.assign(w, [3.0, 4.0]), tf.assign_add(w, [1.0, 1.0]), tf.assign_sub(w, [0.5, 0.5])]
    with tf.Session() as session:
        session.run(w.initializer)
        found = [session.run(node).tolist() for node in nodes]
    assert found == [[3, 4], [4, 5], [3.5, 4.5]]


def test_operations_wait_for_one_another(tf):
    w = tf.Variable(1.0)
    with tf.control_dependencies([w.assign(5.0)]):
        after, done = tf.identity(w), tf.no_op(name="done")
    a, b = tf.tuple([tf.constant(1.0), None, tf.constant(2.0)], control_inputs=[w.assign(7.0)])[::2]
    with tf.Session() as session:
        session.run(w.initializer)
        assert session.run(after) == 5.0
        session.run(w.initializer)
        assert session.run(done) is None
        assert session.run(w) == 5.0
        assert session.run([a, b]) == [1, 2]
        assert session.run(w) == 7.0


def test_gradients(tf):
    x, y = tf.constant([1.0, 2.0]), tf.constant(3.0)
    total = tf.reduce_sum(x * x)
    assert tf.gradients(total, [x, y])[1] is None
    zero = tf.gradients(total, y, unconnected_gradients=tf.UnconnectedGradients.ZERO)[0]
    first, second = tf.gradients([total, y * 2.0], [x, y], grad_ys=[tf.constant(2.0), None])
    assert np.array_equal(tf.Session().run(zero), 0)
    assert [v.tolist() for v in tf.Session().run([first, second])] == [[4, 8], 2]


def test_a_finalized_graph_takes_no_more_nodes(tf):
    tf.get_default_graph().finalize()
    with pytest.raises(ValueError, match="loop of the runs"):
        tf.constant(1.0, name="late")


def test_what_would_change_values_is_refused(tf):
    clip = lambda w: tf.clip_by_value(w, 0.0, 1.0)  # noqa: E731
    with pytest.raises(OptionError, match=r"Variable: got constraint"):
        tf.Variable(1.0, constraint=clip)
    with pytest.raises(OptionError, match=r"get_variable: got constraint"):
        tf.get_variable("w", [1], constraint=clip)
    with pytest.raises(OptionError, match=r"variable_scope: got custom_getter"):
        tf.variable_scope("s", custom_getter=clip)
    tables = [tf.Variable(np.ones((2, 3))) for _ in range(2)]
    with pytest.raises(OptionError, match=r"embedding_lookup: got 2 params"):
        tf.nn.embedding_lookup(tables, [0])
    assert tf.nn.embedding_lookup(tables[:1], [0]).get_shape().as_list() == [1, 3]


def test_gradients_stop(tf):
    a, b = tf.Variable(2.0), tf.Variable(3.0)
    product = a * b
    found = tf.gradients(a + product, [a, product], stop_gradients=[product])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(found) == [1.0, 1.0]
        assert session.run(tf.gradients(a + product, a, stop_gradients=product)) == [1.0]
    grads = tf.gradients(tf.nn.embedding_lookup(tf.Variable(np.ones((2, 3))), [0]), a)
    assert grads == [None]
    assert not isinstance(found[0], tf.IndexedSlices)


def uninitialized(tf):
    with tf.Graph().as_default(), tf.Session() as session:
        v, w = tf.Variable([1.0], name="v"), tf.get_variable("scope/w", [2])
        tf.Variable(0, name="n", collections=[tf.GraphKeys.LOCAL_VARIABLES])
        every = tf.report_uninitialized_variables()
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, w)
        before = session.run(every)
        session.run(v.initializer)
        after = session.run([every, tf.report_uninitialized_variables([w, v])])
        session.run(tf.global_variables_initializer())
        session.run(tf.local_variables_initializer())
        found = [before, *after, session.run(every)]
        return [sorted(names.tolist()) for names in found], [v.name for v in tf.model_variables()]


def test_variables_without_a_value_are_reported_as_tensorflow_does(tf, tensorflow):
    assert uninitialized(tf) == uninitialized(tensorflow)
    assert uninitialized(tf)[0][0] == [b"n", b"scope/w", b"v"]
    assert tf.model_variables() == []
