"""Is a review positive? A bag of words, a linear layer of 10 units and a sigmoid.

    python sentiment.py [--reviews FILE --labels FILE] [--count]

Without files the reviews are generated.

What tf is decides what this runs on: with `import tensorflow.compat.v1 as tf` it is TensorFlow.
That is not eager within tf.Graph().as_default(), so that no other line changes.
"""

import argparse

import numpy as np

import refnet as rn
import refnet.tf1 as tf

parser = argparse.ArgumentParser()
parser.add_argument("--reviews", help="a review a line")
parser.add_argument("--labels", help="as many lines, each positive or negative")
parser.add_argument("--count", action="store_true", help="count words; else note which occur")
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--batch", type=int, default=50)
parser.add_argument("--seed", type=int, default=0)

HIDDEN = 10


def vectors(texts, vocabulary, *, count):
    """Return a row for each text: how often each word occurs, or whether."""
    rows = np.float32([rn.data.bag_of_words(text, vocabulary) for text in texts])
    return rows if count else np.minimum(rows, 1)


def main(options):
    rng = np.random.default_rng(options.seed)
    if options.reviews:
        texts, labels = rn.data.read_reviews(options.reviews, options.labels)
    else:
        texts, labels = rn.data.generated_reviews(500, rng=rng, words=500)
    n = len(texts) * 4 // 5
    vocabulary = rn.data.count_words(texts[:n], labels[:n]).words
    inputs = vectors(texts, vocabulary, count=options.count)
    targets = np.float32(labels)[:, np.newaxis]
    rate = 2e-3 if options.count else 2e-2

    with tf.Graph().as_default():
        sess = tf.InteractiveSession()
        x = tf.placeholder(tf.float32, [None, len(vocabulary)], name="words")
        t = tf.placeholder(tf.float32, [None, 1], name="positive")
        # Drawn by NumPy: TensorFlow's generators and refnet's give other numbers for the same seed.
        w1 = np.float32(rng.normal(0, len(vocabulary) ** -0.5, (len(vocabulary), HIDDEN)))
        w2 = np.float32(rng.normal(0, HIDDEN**-0.5, (HIDDEN, 1)))
        with tf.name_scope("hidden"):
            hidden = tf.add(tf.matmul(x, tf.Variable(w1)), tf.Variable(tf.zeros([HIDDEN])))
        with tf.name_scope("output"):
            y = tf.nn.sigmoid(tf.matmul(hidden, tf.Variable(w2)) + tf.Variable(tf.zeros([1])))
        loss = tf.reduce_mean(tf.square(t - y))
        train = tf.train.MomentumOptimizer(rate, 0.95).minimize(loss)

        tf.global_variables_initializer().run()
        for epoch in range(options.epochs):
            for batch in rn.data.minibatches(n, options.batch, rng=rng):
                train.run({x: inputs[batch], t: targets[batch]})
            error = loss.eval({x: inputs[:n], t: targets[:n]})
            print(f"epoch {epoch + 1}: loss {error:.5f}")
        right = (y.eval({x: inputs[n:]}) > 0.5) == (targets[n:] > 0.5)
        print(f"accuracy {right.mean():.4f}")
        sess.close()


if __name__ == "__main__":
    main(parser.parse_args())
