"""Images of digits by two convolutions and two dense layers, what is left of AlexNet.

    python cnn.py [--pool] [--mnist FOLDER]

What tf is decides what this runs on: with `import tensorflow.compat.v1 as tf` it is TensorFlow.
That is not eager within tf.Graph().as_default(), so that no other line changes.
"""

import argparse

import numpy as np

import refnet as rn
import refnet.tf1 as tf

parser = argparse.ArgumentParser()
parser.add_argument("--pool", action="store_true", help="halve images by pooling, not by strides")
parser.add_argument("--mnist", help="MNIST's folder or .npz file; scikit-learn's digits by default")
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--rate", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=0)

CHANNELS = (8, 16)  # of the convolutions
HIDDEN = 32


def load(path):
    """Return images (N, H, W, 1) from 0 to 1 and their labels, to train on and to test on."""
    data = rn.data.digits()
    if path is not None:
        train, test = rn.data.mnist(path)
        data = train or test
    x = np.float32(data.images[..., np.newaxis] / data.white)
    n = len(x) * 4 // 5
    return (x[:n], data.labels[:n]), (x[n:], data.labels[n:])


def variables(rng, *shape):
    """Return weights of a shape and a bias for each of its outputs."""
    # Drawn by NumPy: TensorFlow's generators and refnet's give other numbers for the same seed.
    start = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
    return tf.Variable(np.float32(start)), tf.Variable(tf.constant(0.1, shape=[shape[-1]]))


def convolution(x, channels, rng, pool):
    stride = 1 if pool else 2
    w, b = variables(rng, 3, 3, int(x.shape[3]), channels)
    y = tf.nn.conv2d(x, w, strides=[1, stride, stride, 1], padding="SAME")
    y = tf.nn.relu(tf.nn.bias_add(y, b))
    if pool:
        y = tf.nn.max_pool(y, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    return y


def main(options):
    (images, labels), (test_images, test_labels) = load(options.mnist)
    rng = np.random.default_rng(options.seed)

    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, *images.shape[1:]])
        t = tf.placeholder(tf.int64, [None])
        y = x
        for channels in CHANNELS:
            y = convolution(y, channels, rng, options.pool)
        units = int(np.prod(y.shape.as_list()[1:]))
        w1, b1 = variables(rng, units, HIDDEN)
        w2, b2 = variables(rng, HIDDEN, 10)
        hidden = tf.nn.relu(tf.matmul(tf.reshape(y, [-1, units]), w1) + b1)
        logits = tf.matmul(hidden, w2) + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=logits)
        loss = tf.reduce_mean(losses)
        train = tf.train.MomentumOptimizer(options.rate, 0.9).minimize(loss)
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), t), tf.float32))

        sess.run(tf.global_variables_initializer())
        for epoch in range(options.epochs):
            for batch in rn.data.minibatches(len(images), options.batch, rng=rng):
                train.run(feed_dict={x: images[batch], t: labels[batch]})
            feeds = {x: test_images, t: test_labels}
            found = sess.run([loss, accuracy], feed_dict=feeds)
            print(f"epoch {epoch + 1}: loss {found[0]:.4f}, accuracy {found[1]:.4f}")


if __name__ == "__main__":
    main(parser.parse_args())
