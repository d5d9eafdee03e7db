import numpy as np
import pytest

import refnet as rn
from tests.refnet.tf1.agreement import close, drawn

X, W, T = drawn(4, 3), drawn(3, 2), drawn(4, 2)
STEPS = 5

OPTIMIZERS = {
    "gradient descent": lambda tf: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adagrad": lambda tf: tf.train.AdagradOptimizer(0.3),
    "adagrad from 0.5": lambda tf: tf.train.AdagradOptimizer(0.3, 0.5),
    "adadelta": lambda tf: tf.train.AdadeltaOptimizer(),
    "adadelta of 1": lambda tf: tf.train.AdadeltaOptimizer(1.0, rho=0.9, epsilon=1e-6),
    "rmsprop": lambda tf: tf.train.RMSPropOptimizer(0.01),
    "rmsprop with momentum": lambda tf: tf.train.RMSPropOptimizer(0.01, 0.8, 0.5, 1e-6),
    "rmsprop centered": lambda tf: tf.train.RMSPropOptimizer(0.01, momentum=0.3, centered=True),
    "adam": lambda tf: tf.train.AdamOptimizer(),
    "adam by numbers": lambda tf: tf.train.AdamOptimizer(0.1, 0.8, 0.99, 1e-3),
}


def loss_of(tf, dtype):
    """Return a vector loss of a variable: its sum is what is minimised."""
    w = tf.Variable(np.asarray(W, dtype), name="w")
    y = tf.tanh(tf.matmul(tf.constant(np.asarray(X, dtype)), w))
    return w, tf.reduce_sum(tf.square(y - np.asarray(T, dtype)), 1)


def trained(tf, name, dtype=np.float64):
    """Return the variable and the slots after each step."""
    with tf.Graph().as_default(), tf.Session() as session:
        w, loss = loss_of(tf, dtype)
        opt = OPTIMIZERS[name](tf)
        step = opt.minimize(loss)
        session.run(tf.global_variables_initializer())
        found = []
        slots = [opt.get_slot(w, slot) for slot in opt.get_slot_names()]
        slots = {v.op.name: v for v in slots if v is not None}
        for _ in range(STEPS):
            session.run(step)
            found.append((session.run(w), session.run(slots)))
        return found


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_steps_are_tensorflows(tf, tensorflow, name):
    for ours, theirs in zip(trained(tf, name), trained(tensorflow, name), strict=True):
        if name.startswith("adam"):  # whose powers of beta TensorFlow keeps in float32
            np.testing.assert_allclose(ours[0], theirs[0], atol=2e-7)
        else:
            close(ours[0], theirs[0])
        # TensorFlow keeps the last move of RMSProp also where its momentum is 0.
        assert len(ours[1]) == len(theirs[1]) - (name == "rmsprop")
        for slot, value in ours[1].items():
            np.testing.assert_allclose(value, theirs[1][slot], atol=2e-7)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_steps_are_those_of_refnets_optimizers(tf, name):
    opt = OPTIMIZERS[name](tf)._optimizer
    params = {"w": W}
    state = opt.init(params)
    for value, _ in trained(tf, name):
        y = np.tanh(X @ params["w"])
        grads = {"w": X.T @ (2 * (y - T) * (1 - y**2))}
        params, state = opt.update(params, grads, state)
        np.testing.assert_allclose(value, params["w"], atol=1e-12)


def test_numbers_are_of_32_bits(tf):
    opt = tf.train.AdamOptimizer(0.001)._optimizer
    assert opt == rn.optimizers.Adam.like(
        "tensorflow1",
        lr=float(np.float32(0.001)),
        beta1=float(np.float32(0.9)),
        beta2=float(np.float32(0.999)),
        eps=float(np.float32(1e-8)),
    )


def test_rates_that_are_computed(tf):
    w, loss = loss_of(tf, np.float64)
    rate = tf.placeholder(tf.float32, [])
    step = tf.train.GradientDescentOptimizer(rate).minimize(loss)
    (gradient,) = tf.gradients(loss, [w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for lr in (0.5, 0.25):
            before, g = session.run([w + 0.0, gradient])
            session.run(step, {rate: lr})
            np.testing.assert_allclose(session.run(w), before - lr * g, rtol=1e-15)
    with pytest.raises(ValueError, match="a number for every field but the learning rate"):
        tf.train.MomentumOptimizer(0.1, rate)


def test_gradients_changed_on_the_way(tf):
    w, loss = loss_of(tf, np.float64)
    other = tf.Variable(1.0, name="other")
    opt = tf.train.GradientDescentOptimizer(1.0)
    pairs = opt.compute_gradients(loss)
    assert [(g is None, v.name) for g, v in pairs] == [(False, "w:0"), (True, "other:0")]
    step = opt.apply_gradients([(tf.clip_by_value(g, -0.01, 0.01), v) for g, v in pairs if v is w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert np.abs(session.run(w) - W).max() <= 0.01 + 1e-12
        assert session.run(other) == 1.0


def test_steps_are_counted_and_variables_chosen(tf):
    w, loss = loss_of(tf, np.float64)
    kept = tf.Variable(np.ones(4), name="kept")
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.1).minimize(loss * kept, global_step=step, var_list=[w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert [session.run([train, step])[1] for _ in range(3)] == [1, 2, 3]
        assert (session.run(kept) == 1).all()
        assert tf.train.global_step(session, step) == 3


def test_only_adam_has_a_count_of_its_own_among_the_variables(tf):
    _, loss = loss_of(tf, np.float64)
    for make in (OPTIMIZERS["momentum"], OPTIMIZERS["adagrad"], OPTIMIZERS["adam"]):
        make(tf).minimize(loss)
    names = [v.op.name for v in tf.global_variables()]
    assert names == ["w", "w/Momentum", "w/Adagrad", "w/Adam", "w/Adam_1", "Adam/updates"]


def test_initialising_the_global_variables_one_by_one_starts_anew(tf):
    w, loss = loss_of(tf, np.float64)
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as session:
        found = []
        for _ in range(2):
            session.run([v.initializer for v in tf.global_variables()])
            session.run([train, train])
            found.append(session.run(w))
        np.testing.assert_array_equal(*found)


def test_a_loss_that_is_no_node_is_refused(tf):
    with pytest.raises(TypeError, match="eager"):
        tf.train.GradientDescentOptimizer(0.1).minimize(lambda: 1.0)
    tf.Variable(1.0)
    with pytest.raises(ValueError, match="argmax"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


def looked_up(tf, make):
    """Return a matrix and a vector of which some rows are looked up in each step."""
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable(drawn(6, 3), name="w")
        b = tf.Variable(drawn(6), name="b")
        ids = tf.placeholder(tf.int32, [None])
        rows = tf.nn.embedding_lookup(w, ids)
        loss = tf.reduce_sum(tf.square(rows)) + tf.reduce_sum(tf.gather(b, ids) * rows[:, 0])
        step = make(tf).minimize(loss)
        session.run(tf.global_variables_initializer())
        found = []
        for i in ([0, 2, 2], [1], [2, 5], [0]):
            session.run(step, {ids: i})
            found.append(session.run([w, b]))
        return found


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if "adam" not in n])
def test_rows_that_are_not_looked_up_are_tensorflows(tf, tensorflow, name):
    ours, theirs = looked_up(tf, OPTIMIZERS[name]), looked_up(tensorflow, OPTIMIZERS[name])
    for a, b in zip(ours, theirs, strict=True):
        close(a[0], b[0])
        close(a[1], b[1])


def test_rows_that_are_not_looked_up_keep_still(tf):
    found = [w for w, _ in looked_up(tf, OPTIMIZERS["momentum"])]
    np.testing.assert_array_equal(found[1][[0, 2]], found[0][[0, 2]])
    np.testing.assert_array_equal(found[-1][[3, 4]], drawn(6, 3)[[3, 4]])
    assert (found[3][0] != found[2][0]).all()


def test_a_penalty_moves_every_row(tf):
    w = tf.Variable(drawn(4, 2), name="w")
    loss = tf.reduce_sum(tf.gather(w, [1])) + tf.nn.l2_loss(w)
    step = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert (session.run(w) != drawn(4, 2)).all()


def test_a_count_among_the_trainable_variables_has_no_gradient(tf):
    count = tf.Variable(0, name="count")
    _, loss = loss_of(tf, np.float64)
    opt = tf.train.GradientDescentOptimizer(0.1)
    assert [g is None for g, _ in opt.compute_gradients(loss)] == [True, False]
    train = opt.minimize(loss, global_step=count)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run([train, count])[1] == 1


def two_losses(tf, make):
    """Return a matrix that one optimizer moves by two losses in turn, and where it keeps slots."""
    with tf.Graph().as_default(), tf.Session() as session:
        w, loss = loss_of(tf, np.float64)
        optimizer = make(tf)
        with tf.variable_scope("train"):
            steps = [optimizer.minimize(loss), optimizer.minimize(tf.nn.l2_loss(w))]
        session.run(tf.global_variables_initializer())
        found = []
        for _ in range(3):
            for step in steps:
                session.run(step)
                found.append(session.run(w))
        return found, {v.name for v in optimizer.variables() if "/w/" in v.name}


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n != "rmsprop"])
def test_the_steps_of_one_optimizer_share_its_slots(tf, tensorflow, name):
    ours, names = two_losses(tf, OPTIMIZERS[name])
    theirs, their_names = two_losses(tensorflow, OPTIMIZERS[name])
    limit = 2e-7 if name.startswith("adam") else 1e-13  # powers of beta in float32, as above
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=limit)
    assert names == their_names
