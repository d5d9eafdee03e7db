"""Images of digits by one layer and a softmax, with each of six optimizers.

    python one_layer.py [OPTIMIZER] [--mnist FOLDER]

What tf is decides what this runs on: with `import tensorflow.compat.v1 as tf` it is TensorFlow.
That is not eager within tf.Graph().as_default(), so that no other line changes.
"""

import argparse

import numpy as np

import refnet as rn
import refnet.tf1 as tf

# The loss is summed over a batch, and the rates are meant for that.
OPTIMIZERS = {
    "gradient-descent": lambda: tf.train.GradientDescentOptimizer(1e-3),
    "momentum": lambda: tf.train.MomentumOptimizer(1e-3, 0.5),
    "adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "adadelta": lambda: tf.train.AdadeltaOptimizer(1.0, rho=0.95, epsilon=1e-6),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.01, decay=0.9, momentum=0.5),
    "adam": lambda: tf.train.AdamOptimizer(0.01),
}

parser = argparse.ArgumentParser()
parser.add_argument("optimizer", nargs="?", choices=list(OPTIMIZERS), default="gradient-descent")
parser.add_argument("--mnist", help="MNIST's folder or .npz file; scikit-learn's digits by default")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--batch", type=int, default=128)
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
    start = np.float32(rng.normal(0, 0.1, (units, 10)))

    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, units])
        t = tf.placeholder(tf.float32, [None, 10])
        w = tf.Variable(start)
        b = tf.Variable(tf.zeros([10]))
        logits = tf.matmul(x, w) + b
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=logits)
        train = OPTIMIZERS[options.optimizer]().minimize(losses)

        sess.run(tf.global_variables_initializer())
        for epoch in range(options.epochs):
            for batch in rn.data.minibatches(len(images), options.batch, rng=rng):
                sess.run(train, feed_dict={x: images[batch], t: labels[batch]})
            scores, loss = sess.run([logits, losses], feed_dict={x: test_images, t: test_labels})
            right = np.mean(scores.argmax(axis=1) == test_labels.argmax(axis=1))
            print(f"epoch {epoch + 1}: loss {loss.mean():.4f}, accuracy {right:.4f}")


if __name__ == "__main__":
    main(parser.parse_args())
