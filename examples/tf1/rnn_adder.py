"""A recurrent network learns to add two numbers, bit by bit: the state carries the one.

    python rnn_adder.py [--updates N]

What tf is decides what this runs on: with `import tensorflow.compat.v1 as tf` it is TensorFlow.
That is not eager within tf.Graph().as_default(), so that no other line changes.
"""

import argparse

import numpy as np

import refnet as rn
import refnet.tf1 as tf

parser = argparse.ArgumentParser()
parser.add_argument("--updates", type=int, default=500)
parser.add_argument("--batch", type=int, default=100)

BITS, UNITS = 8, 8
# The numbers that the sources start from: no two generators would draw the same.
START = rn.models.rnn_binary_addition.parameters(np.float32)


def cell(x, state):
    """Return the next state, from the bits x (N, 2) and the state (N, UNITS)."""
    with tf.variable_scope("rnn_cell", reuse=True):
        w = tf.get_variable("W", [2 + UNITS, UNITS])
        b = tf.get_variable("b", [UNITS])
    return tf.tanh(tf.matmul(tf.concat([x, state], 1), w) + b)


def predicted(x, samples):
    """Return the bits (N, BITS) of the sums, each as a number from 0 to 1."""
    with tf.variable_scope("rnn_cell"):
        tf.get_variable("W", [2 + UNITS, UNITS], initializer=constant("rnn.w"))
        tf.get_variable("b", [UNITS], initializer=constant("rnn.b"))
    with tf.variable_scope("output"):
        w = tf.get_variable("W", [UNITS, 1], initializer=constant("out.w"))
        b = tf.get_variable("b", [1], initializer=constant("out.b"))
    state = tf.zeros([samples, UNITS])
    bits = []
    for x_t in tf.unstack(x, axis=1):
        state = cell(x_t, state)
        bits.append(tf.sigmoid(tf.matmul(state, w) + b))
    return tf.concat(bits, 1)


def constant(name):
    return tf.constant_initializer(START[name])


def main(options):
    rng = np.random.RandomState(1)
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [options.batch, BITS, 2], name="addends")
        t = tf.placeholder(tf.float32, [options.batch, BITS], name="sums")
        y = predicted(x, options.batch)
        loss = tf.reduce_mean(tf.square(y - t))
        train = tf.train.MomentumOptimizer(1.0, 0.95).minimize(loss)

        sess.run(tf.global_variables_initializer())
        for update in range(1, options.updates + 1):
            addends, sums = rn.data.binary_addition(options.batch, rng=rng)
            _, error = sess.run([train, loss], feed_dict={x: addends, t: sums})
            if update % 100 == 0:
                print(f"update {update}: loss {error:.6f}")
        addends, sums = rn.data.binary_addition(options.batch, rng=rng)
        bits = sess.run(y, feed_dict={x: addends})
        print(f"accuracy {np.mean((bits > 0.5) == (sums > 0.5)):.4f} of the bits")


if __name__ == "__main__":
    main(parser.parse_args())
