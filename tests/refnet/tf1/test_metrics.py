import numpy as np
import pytest


def test_means_over_batches_and_from_the_start(tf):
    labels, guesses = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.int64, [None])
    accuracy, update = tf.metrics.accuracy(labels, guesses)
    mean, add = tf.metrics.mean(tf.cast(labels, tf.float32), name="own")
    assert [v.op.name for v in tf.local_variables()] == [
        *("accuracy/total", "accuracy/count", "own/total", "own/count")
    ]
    assert tf.global_variables() == []
    batches = [([0, 1, 2], [0, 1, 1]), ([1], [1]), ([2, 2], [0, 0])]
    with tf.Session() as session:
        for _ in range(2):
            session.run(tf.local_variables_initializer())
            assert session.run([accuracy, mean]) == [0, 0]
            seen = []
            for t, p in batches:
                seen.append(session.run([update, add], {labels: t, guesses: p}))
            np.testing.assert_allclose(seen, [[2 / 3, 1], [3 / 4, 1], [3 / 6, 8 / 6]], rtol=1e-6)
            np.testing.assert_allclose(session.run([accuracy, mean]), seen[-1])


def test_weights_are_refused(tf):
    with pytest.raises(ValueError, match="Multiply beforehand"):
        tf.metrics.mean(tf.constant([1.0]), weights=2.0)
