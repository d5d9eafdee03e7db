import numpy as np
import pytest


def averaged(tf, num_updates):
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable([1.0, 2.0], name="w")
        loss = tf.reduce_sum(w * 3.0, name="loss")
        step = tf.Variable(0, trainable=False) if num_updates else None
        moved = w.assign_add([0.5, -0.25])
        counted = tf.no_op() if step is None else tf.assign_add(step, 1)
        ema = tf.train.ExponentialMovingAverage(0.9, step)
        with tf.control_dependencies([moved, counted]):
            followed = ema.apply([w, loss])
        session.run(tf.global_variables_initializer())
        found = []
        for _ in range(4):
            session.run(followed)
            found.append(session.run(ema.average(w)))
        names = sorted(v.op.name for v in tf.global_variables() if "Moving" in v.op.name)
        return found, names, ema.average_name(w), session.run(ema.average(loss))


@pytest.mark.parametrize("num_updates", [False, True])
def test_averages_follow(tf, num_updates):
    found, names, name, _ = averaged(tf, num_updates)
    assert name == "w/ExponentialMovingAverage"
    assert name in names
    w, expected = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    for t, value in enumerate(found, 1):
        w = w + np.array([0.5, -0.25])
        decay = min(0.9, (1 + t) / (10 + t)) if num_updates else 0.9
        expected = decay * expected + (1 - decay) * w
        np.testing.assert_allclose(value, expected, rtol=1e-6)


@pytest.mark.parametrize("num_updates", [False, True])
def test_averages_are_tensorflows(tf, tensorflow, num_updates):
    ours, names, name, _ = averaged(tf, num_updates)
    theirs, their_names, their_name, _ = averaged(tensorflow, num_updates)
    assert (names, name) == (their_names, their_name)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_averages_are_read_back_into_the_variables(tf, tmp_path):
    w = tf.Variable([1.0], name="w")
    ema = tf.train.ExponentialMovingAverage(0.5)
    followed = ema.apply([w])
    assert ema.average(tf.constant(1.0)) is None
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(w.assign([3.0]))
        session.run(followed)
        path = tf.train.Saver().save(session, str(tmp_path / "model"))
        tf.train.Saver(ema.variables_to_restore()).restore(session, path)
        assert session.run(w) == [2.0]


def test_what_averages_refuse(tf):
    w = tf.Variable([1.0], name="w")
    ema = tf.train.ExponentialMovingAverage(0.5)
    ema.apply([w])
    with pytest.raises(ValueError, match="an average already"):
        ema.apply([w])
    with pytest.raises(ValueError, match="zero_debias"):
        tf.train.ExponentialMovingAverage(0.5, zero_debias=True)
