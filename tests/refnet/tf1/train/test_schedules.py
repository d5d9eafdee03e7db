import numpy as np
import pytest

STEPS = range(13)

SCHEDULES = {
    "exponential": (
        lambda tf, t: tf.train.exponential_decay(0.5, t, 5, 0.9),
        lambda t: 0.5 * 0.9 ** (t / 5),
    ),
    "staircase": (
        lambda tf, t: tf.train.exponential_decay(0.5, t, 5, 0.9, staircase=True),
        lambda t: 0.5 * 0.9 ** (t // 5),
    ),
    "inverse time": (
        lambda tf, t: tf.train.inverse_time_decay(0.5, t, 5, 0.5),
        lambda t: 0.5 / (1 + 0.5 * t / 5),
    ),
    "natural": (
        lambda tf, t: tf.train.natural_exp_decay(0.5, t, 5, 0.5),
        lambda t: 0.5 * np.exp(-0.5 * t / 5),
    ),
    "polynomial": (
        lambda tf, t: tf.train.polynomial_decay(0.5, t, 10, 0.01, power=2.0),
        lambda t: 0.49 * (1 - min(t, 10) / 10) ** 2 + 0.01,
    ),
    "polynomial cycles": (
        lambda tf, t: tf.train.polynomial_decay(0.5, t, 4, 0.01, cycle=True),
        lambda t: 0.49 * (1 - t / (4 * max(1, np.ceil(t / 4)))) + 0.01,
    ),
    "piecewise": (
        lambda tf, t: tf.train.piecewise_constant(t, [2, 6], [1.0, 0.5, 0.1]),
        lambda t: 1.0 if t <= 2 else 0.5 if t <= 6 else 0.1,
    ),
    "cosine": (
        lambda tf, t: tf.train.cosine_decay(0.5, t, 8, alpha=0.1),
        lambda t: 0.5 * (0.9 * 0.5 * (1 + np.cos(np.pi * min(t, 8) / 8)) + 0.1),
    ),
}


def rates(tf, build):
    with tf.Graph().as_default(), tf.Session() as session:
        t = tf.placeholder(tf.int64, [])
        rate = build(tf, t)
        return [session.run(rate, {t: n}) for n in STEPS]


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_schedules_are_their_formulas(tf, name):
    build, formula = SCHEDULES[name]
    found = rates(tf, build)
    assert {v.dtype for v in found} == {np.dtype(np.float32)}
    np.testing.assert_allclose(found, [formula(t) for t in STEPS], rtol=1e-6)


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_schedules_are_tensorflows(tf, tensorflow, name):
    build, _ = SCHEDULES[name]
    np.testing.assert_allclose(rates(tf, build), rates(tensorflow, build), rtol=1e-6)
