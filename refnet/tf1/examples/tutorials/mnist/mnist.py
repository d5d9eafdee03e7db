"""The network of TensorFlow's tutorial on MNIST: two hidden layers of ReLU, and the classes.

``from tensorflow.examples.tutorials.mnist import mnist`` becomes
``from refnet.tf1.examples.tutorials.mnist import mnist``. A program makes, in this order, the
logits, their loss, the training step and the number of images that are classified rightly::

    logits = mnist.inference(images, 128, 32)
    loss = mnist.loss(logits, labels)
    train_op = mnist.training(loss, 0.01)
    correct = mnist.evaluation(logits, labels)
"""

from __future__ import annotations

import math
from typing import Any

import refnet.tf1 as tf
from refnet.graph import Node

__all__ = [
    "IMAGE_PIXELS",
    "IMAGE_SIZE",
    "NUM_CLASSES",
    "evaluation",
    "inference",
    "loss",
    "training",
]

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Node:
    """Return logits (N, 10) of images (N, 784), by way of two hidden layers.

    The variables are hidden1/weights, hidden1/biases, hidden2/..., softmax_linear/...: weights are
    drawn from the truncated normal distribution of standard deviation 1 / sqrt(inputs), biases are
    0.
    """
    with tf.name_scope("hidden1"):
        hidden = tf.nn.relu(_affine(images, IMAGE_PIXELS, hidden1_units))
    with tf.name_scope("hidden2"):
        hidden = tf.nn.relu(_affine(hidden, hidden1_units, hidden2_units))
    with tf.name_scope("softmax_linear"):
        return _affine(hidden, hidden2_units, NUM_CLASSES)


def loss(logits: Any, labels: Any) -> Node:
    """Return the mean cross-entropy of logits (N, 10) with classes (N,), any integers."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.to_int64(labels), logits=logits)


def training(loss: Any, learning_rate: Any) -> Node:
    """Return the step of gradient descent on a loss, which counts the variable global_step.

    The loss is added to the summaries as "loss".
    """
    tf.summary.scalar("loss", loss)
    optimizer = tf.train.GradientDescentOptimizer(learning_rate)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    step: Node = optimizer.minimize(loss, global_step=global_step)
    return step


def evaluation(logits: Any, labels: Any) -> Node:
    """Return how many rows of logits (N, 10) are largest at their class (N,), an int32."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))


def _affine(x: Any, inputs: int, outputs: int) -> Node:
    start = tf.truncated_normal([inputs, outputs], stddev=1.0 / math.sqrt(float(inputs)))
    weights = tf.Variable(start, name="weights")
    return tf.matmul(x, weights) + tf.Variable(tf.zeros([outputs]), name="biases")
