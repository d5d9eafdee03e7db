"""Programs watched: every training step is seen, and TensorFlow is as it was afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from parity.backends import AbsentError, adapter
from parity.backends.tensorflow.programs import Drawn, Start, watched
from parity.errors import SidesError


@pytest.fixture(scope="module")
def side():
    try:
        return adapter("tensorflow")
    except AbsentError as error:
        pytest.skip(str(error))


class Seen:
    """A watcher that keeps what it sees; ``starts`` are what steps start from."""

    def __init__(self, *starts):
        self.starts, self.own, self.taken = list(starts), [], []

    def before(self, own):
        self.own.append(own())
        return self.starts.pop(0) if self.starts else Start()

    def after(self, taken):
        self.taken.append(taken)


def watch(side, seen, task):
    with watched(side.tf, side.sessions.in_this_thread, seen):
        return task(side.tf.compat.v1)


def small(tf1, optimizer):
    x = tf1.placeholder(tf1.float32, [2], name="x")
    w = tf1.Variable([1.0, 2.0], name="w")
    return x, w, optimizer.minimize(w * x, name="train")


def test_a_step_is_seen_and_only_a_step(side):
    def task(tf1):
        x, w, train = small(tf1, tf1.train.MomentumOptimizer(0.5, 0.9))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            session.run(w)
            first = session.run([train, w * 1.0], {x: [3, 4]})
            session.run(tf1.group(train), {"x:0": [1, 1]})
            return first[0], session.run(w)

    seen = Seen()
    nothing, w = watch(side, seen, task)
    assert nothing is None
    first, second = seen.taken
    assert set(seen.own[0]) == {"w", "w/Momentum"}
    assert first.feeds["x"].dtype == np.float32
    (loss,), (gradients,) = first.losses, first.gradients
    assert loss.tolist() == [3, 8]  # before the update
    assert gradients["w"].tolist() == [3, 4]
    assert first.variables["w"].tolist() == [-0.5, 0]
    assert first.variables["w/Momentum"].tolist() == [3, 4]
    assert np.array_equal(second.variables["w"], w)


def test_a_step_starts_from_what_the_watcher_says(side):
    def task(tf1):
        x, _, train = small(tf1, tf1.train.AdamOptimizer(0.5, epsilon=0.0))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            session.run(train, {x: [1, 1]})
            names = {v.op.name: v for v in tf1.global_variables()}
            return session.run(names["beta1_power"])

    state = {"w": np.array([5, 6], np.float32), "w/Adam": np.zeros(2, np.float32), "other": 1}
    seen = Seen(Start(state, powers=[(0.25, 0.5)]))
    power = watch(side, seen, task)
    assert seen.own[0]["w"].tolist() == [1, 2]
    assert set(seen.taken[0].variables) == {"w", "w/Adam", "w/Adam_1"}  # without the powers
    assert power == np.float32(0.25) * np.float32(0.9)
    # w - 0.5 sqrt(1 - 0.5) / (1 - 0.25) m / sqrt(v), m = 0.1 g, v = 0.001 g^2
    moved = 0.5 * np.sqrt(0.5) / 0.75 * 0.1 / np.sqrt(0.001)
    assert seen.taken[0].variables["w"] == pytest.approx(np.array([5, 6]) - moved, rel=1e-4)


def test_draws_are_those_that_the_watcher_hands_over(side):
    keep, noise = np.array([1, 0, 1, 0], np.float32), np.arange(4, dtype=np.float32)
    draws = {"mask": Drawn(keep, mask=True), "noise": Drawn(noise, mask=False)}

    def task(tf1):
        w = tf1.Variable(tf1.ones([4]), name="w")
        noisy = w + tf1.random_normal([4], name="noise")
        train = tf1.train.GradientDescentOptimizer(0.0).minimize(tf1.nn.dropout(noisy, rate=0.5))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            session.run(train)

    seen = Seen(Start(draws=draws))
    watch(side, seen, task)
    assert seen.taken[0].losses[0].tolist() == [2, 0, 6, 0]  # (1 + noise) / (1 - rate), kept ones
    few = Seen(Start(draws={"mask": draws["mask"], "another": draws["mask"]}))
    with pytest.raises(SidesError, match="random operations"):
        watch(side, few, task)


def test_tensorflow_is_as_it_was(side):
    tf1 = side.tf.compat.v1
    optimizer = tf1.train.Optimizer
    watched_names = (
        (tf1.Session, "run"),
        (tf1.InteractiveSession, "__init__"),
        (optimizer, "compute_gradients"),
        (optimizer, "apply_gradients"),
        (tf1, "disable_v2_behavior"),
    )

    def held():
        return [getattr(owner, name) for owner, name in watched_names]

    before = held()

    def task(tf1):
        assert all(a is not b for a, b in zip(held(), before, strict=True))
        assert not tf1.executing_eagerly()
        tf1.disable_v2_behavior()
        tf1.InteractiveSession()  # left open
        raise KeyError

    with pytest.raises(KeyError):
        watch(side, Seen(), task)
    assert all(a is b for a, b in zip(held(), before, strict=True))
    assert tf1.executing_eagerly()
    assert tf1.get_default_session() is None
    assert "run" not in vars(tf1.Session)
