import numpy as np
import pytest

from refnet.errors import DtypeError

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


RATES = {
    "exponential": lambda tf, r, t: tf.train.exponential_decay(r, t, 10, 0.9),
    "staircase": lambda tf, r, t: tf.train.exponential_decay(r, t, 5, 0.9, staircase=True),
    "of nodes": lambda tf, r, t: tf.train.exponential_decay(
        r, t, tf.constant(10), tf.constant(0.9, tf.float64), name="rate"
    ),
    "inverse time": lambda tf, r, t: tf.train.inverse_time_decay(r, t, 10, 0.9),
    "natural": lambda tf, r, t: tf.train.natural_exp_decay(r, t, 10, 0.9),
    "polynomial": lambda tf, r, t: tf.train.polynomial_decay(r, t, 10, 0.01, 2.0),
    "cycles": lambda tf, r, t: tf.train.polynomial_decay(r, t, 5, cycle=True),
    "cosine": lambda tf, r, t: tf.train.cosine_decay(r, t, 10, 0.1),
    "piecewise": lambda tf, r, t: tf.train.piecewise_constant(
        t, [3, 8] if t.dtype in (tf.int32, tf.int64) else [3.0, 8.0], [r, r * 2, r * 3]
    ),
}
DTYPES = ("float16", "float32", "float64", "int32", "int64")


def rates_of_dtypes(tf, build):
    """Return values and names by the dtypes of rate and step, None for what is refused."""
    found = {}
    for of_rate in ("Python's", *DTYPES[:-1]):
        for of_step in DTYPES:
            with tf.Graph().as_default(), tf.Session() as session:
                t = tf.Variable(np.array(7, of_step), trainable=False)
                rate = 0.1 if of_rate == "Python's" else tf.cast(tf.constant(2), of_rate)
                try:
                    node = build(tf, rate, t)
                except (ValueError, TypeError):
                    found[of_rate, of_step] = None
                    continue
                session.run(tf.global_variables_initializer())
                found[of_rate, of_step] = session.run(node), node.name
    return found


@pytest.mark.parametrize("name", list(RATES))
def test_dtypes_and_names_of_schedules_are_tensorflows(tf, tensorflow, name):
    ours, theirs = (rates_of_dtypes(front, RATES[name]) for front in (tf, tensorflow))
    single = name in ("cycles", "cosine")  # which TensorFlow refuses in other dtypes
    for key, rate in theirs.items():
        if single and rate is None:
            continue
        assert (ours[key] is None) == (rate is None), key
        if rate is not None:
            (a, label), (b, their_label) = ours[key], rate
            assert (key, a.dtype) == (key, b.dtype)
            if a.dtype.kind != "f":  # of piecewise alone
                assert a == b
                continue
            # The natural one has an exponential of a float32 in it.
            eps = np.finfo("f4" if name == "natural" and a.dtype == "f8" else a.dtype).eps
            np.testing.assert_allclose(a, b, rtol=8 * eps)
            assert label == their_label or name == "piecewise"
    assert sum(rate is not None for rate in theirs.values()) >= 5


def test_piecewise_rates_are_one_more_than_boundaries(tf):
    with pytest.raises(ValueError, match="one value more"):
        tf.train.piecewise_constant(tf.constant(1), [1, 2], [0.1, 0.2])


def test_only_boundaries_are_int32_beside_int64(tf, tensorflow):
    def built(tf, boundaries, values):
        with tf.Graph().as_default(), tf.Session() as session:
            step = tf.constant(3, tf.int64)
            made = [tf.constant(v, dtype) for v, dtype in values]
            return session.run(tf.train.piecewise_constant(step, boundaries, made))

    same, mixed = [(1, "int64"), (2, "int64")], [(1, "int64"), (2, "int32")]
    for front in (tf, tensorflow):
        assert built(front, [2], same) == 2
        with pytest.raises((TypeError, ValueError)):
            built(front, [2], mixed)
    with pytest.raises(DtypeError, match=r"piecewise_constant.*that of the first value"):
        built(tf, [2], mixed)
    with pytest.raises(DtypeError, match=r"piecewise_constant.*that of x"):
        built(tf, [2.5], same)
