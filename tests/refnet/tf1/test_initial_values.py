import numpy as np
import pytest

LARGE = [300, 200]


@pytest.mark.parametrize(
    ("make", "deviation", "limit"),
    [
        (lambda tf: tf.random_normal_initializer(0.0, 0.5), 0.5, None),
        (lambda tf: tf.truncated_normal_initializer(stddev=0.5), 0.5 * 0.8796, 1.0),
        (lambda tf: tf.random_uniform_initializer(-0.3, 0.3), 0.6 / 12**0.5, 0.3),
        (lambda tf: tf.glorot_uniform_initializer(), (2 / 500) ** 0.5, (6 / 500) ** 0.5),
        (lambda tf: tf.glorot_normal_initializer(), (2 / 500) ** 0.5, None),
        (lambda tf: tf.variance_scaling_initializer(2.0), (2 / 300) ** 0.5, None),
        (lambda tf: tf.initializers.he_uniform(), (2 / 300) ** 0.5, (6 / 300) ** 0.5),
        (lambda tf: tf.initializers.variance_scaling(mode="fan_out"), (1 / 200) ** 0.5, None),
        (lambda tf: tf.contrib.layers.xavier_initializer(), (2 / 500) ** 0.5, (6 / 500) ** 0.5),
        (
            lambda tf: tf.contrib.layers.variance_scaling_initializer(uniform=True),
            (2 / 300) ** 0.5,
            (6 / 300) ** 0.5,
        ),
        (
            lambda tf: tf.contrib.layers.variance_scaling_initializer(),
            (2.6 / 300) ** 0.5 * 0.8796,
            2 * (2.6 / 300) ** 0.5,
        ),
    ],
)
def test_moments_are_those_of_the_formula(tf, make, deviation, limit):
    w = tf.get_variable("w", LARGE, initializer=make(tf))
    with tf.Session() as session:
        session.run(w.initializer)
        value = session.run(w)
    assert value.dtype == np.float32
    assert abs(value.mean()) < 0.02 * deviation
    assert abs(value.std() / deviation - 1) < 0.02
    assert limit is None or np.abs(value).max() <= limit * (1 + 1e-6)


def test_constants(tf):
    def first(**options):
        w = tf.get_variable(f"w{len(tf.global_variables())}", **options)
        session = tf.Session()
        session.run(w.initializer)
        return session.run(w)

    rows = np.arange(6.0).reshape(2, 3)
    assert (first(shape=[2, 3], initializer=tf.constant_initializer(0.5)) == 0.5).all()
    found = first(shape=[2, 3], initializer=tf.constant_initializer(rows))
    np.testing.assert_array_equal(found, rows)
    assert found.dtype == np.float32
    assert (first(shape=[3, 2], initializer=tf.initializers.constant(rows))[2] == [4, 5]).all()
    assert (first(shape=[3], initializer=tf.zeros_initializer) == 0).all()
    assert first(shape=[3], dtype=tf.int32, initializer=tf.ones_initializer()).tolist() == [1] * 3
    assert first(initializer=tf.constant([1.0, 2.0])).tolist() == [1, 2]
    assert first(initializer=rows).dtype == np.float64
    with pytest.raises(ValueError, match="a value of 6 numbers"):
        tf.get_variable("w", [4], initializer=tf.constant_initializer(rows))


def test_a_seed_draws_the_same_numbers_in_every_session(tf):
    w = tf.get_variable("w", LARGE, initializer=tf.truncated_normal_initializer(seed=3))
    other = tf.get_variable("other", LARGE, initializer=tf.truncated_normal_initializer(seed=4))
    found = []
    for _ in range(2):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found.append(session.run([w, other]))
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0][0] != found[0][1]).any()
