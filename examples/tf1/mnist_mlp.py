"""Images of digits by a hidden layer of 300 ReLUs, a softmax and momentum.

    python mnist_mlp.py [--mnist FOLDER]

What tf is decides what this runs on: with `import tensorflow.compat.v1 as tf` it is TensorFlow.
That is not eager within tf.Graph().as_default(), so that no other line changes.
"""

import argparse

import numpy as np

import refnet as rn
import refnet.tf1 as tf

parser = argparse.ArgumentParser()
parser.add_argument("--mnist", help="MNIST's folder or .npz file; scikit-learn's digits by default")
parser.add_argument("--hidden", type=int, default=300)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--rate", type=float, default=1e-3)
parser.add_argument("--seed", type=int, default=0)


def load(path):
    """Return rows of pixels from 0 to 1 and one-hot labels, to train on and to test on."""
    data = rn.data.digits()
    if path is not None:
        train, test = rn.data.mnist(path)
        data = train or test
    x = np.float32(data.images.reshape(len(data.images), -1) / data.white)
    t = np.eye(10, dtype=np.float32)[data.labels]
    n = len(x) * 4 // 5
    return (x[:n], t[:n]), (x[n:], t[n:])


def main(options):
    (images, labels), (test_images, test_labels) = load(options.mnist)
    rng = np.random.default_rng(options.seed)
    units = images.shape[1]
    # Drawn by NumPy: TensorFlow's generators and refnet's give other numbers for the same seed.
    start = np.float32(rng.normal(0, 0.1, (units, options.hidden)))

    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, units], name="x")
        t = tf.placeholder(tf.float32, [None, 10], name="t")
        w1 = tf.Variable(start, name="w1")
        b1 = tf.Variable(tf.zeros([options.hidden]), name="b1")
        w2 = tf.Variable(tf.zeros([options.hidden, 10]), name="w2")
        b2 = tf.Variable(tf.zeros([10]), name="b2")
        hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
        logits = tf.matmul(hidden, w2) + b2
        # A loss for each sample: minimising a vector minimises its sum, so rates are per sum.
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=logits)
        train = tf.train.MomentumOptimizer(options.rate, 0.9).minimize(losses)
        right = tf.equal(tf.argmax(logits, 1), tf.argmax(t, 1))
        accuracy = tf.reduce_mean(tf.cast(right, tf.float32))

        sess.run(tf.global_variables_initializer())
        for epoch in range(options.epochs):
            for batch in rn.data.minibatches(len(images), options.batch, rng=rng):
                sess.run(train, feed_dict={x: images[batch], t: labels[batch]})
            loss = sess.run(losses, feed_dict={x: images, t: labels}).mean()
            print(f"epoch {epoch + 1}: loss {loss:.4f}")
        tested = sess.run(accuracy, feed_dict={x: test_images, t: test_labels})
        print(f"accuracy {tested:.4f}")


if __name__ == "__main__":
    main(parser.parse_args())
