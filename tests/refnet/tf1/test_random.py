import numpy as np


def test_entries_in_an_order_that_is_drawn(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.random_shuffle(x)
    rows = np.arange(40.0).reshape(20, 2)
    with tf.Session() as session:
        a, b = session.run(y, {x: rows}), session.run(y, {x: rows})
    assert (a != b).any()
    np.testing.assert_array_equal(np.sort(a, 0), rows)
    np.testing.assert_array_equal(a[:, 1] - a[:, 0], 1)


def test_classes_are_drawn_with_their_probabilities(tf):
    p = np.array([[0.1, 0.6, 0.3], [0.0, 0.5, 0.5]])
    with np.errstate(divide="ignore"):
        logits = tf.constant(np.log(p))
    for node in (tf.multinomial(logits, 4000), tf.random.categorical(logits, 4000)):
        found = tf.Session().run(node)
        assert (found.shape, found.dtype) == ((2, 4000), np.int64)
        shares = np.stack([(found == k).mean(1) for k in range(3)], 1)
        np.testing.assert_allclose(shares, p, atol=0.03)
        assert shares[1, 0] == 0


def test_the_later_names(tf):
    tf.set_random_seed(1)
    nodes = [tf.random.uniform([500]), tf.random.normal([500]), tf.random.truncated_normal([500])]
    u, n, t = tf.Session().run(nodes)
    assert 0 <= u.min() < u.max() < 1
    assert np.abs(n).max() > 2 >= np.abs(t).max()
