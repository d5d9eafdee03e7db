"""One training step of the MNIST network through the static graph.

Beside the same step through refnet's layers, and through TensorFlow's session where it is
installed: the same program for both graphs, but for its import.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Comparison

UNITS = (784, 300, 10)
BATCH = 100
LR, MOMENTUM = 2e-4, 0.9
PRODUCTS = 8


def comparisons() -> list[Comparison]:
    """Return the step through refnet's graph beside each of the others."""
    import refnet.tf1 as tf1

    rng = np.random.default_rng(1)
    x = rng.random((BATCH, UNITS[0]), np.float32)
    t = np.eye(UNITS[-1], dtype=np.float32)[rng.integers(0, UNITS[-1], BATCH)]
    w = (0.1 * rng.standard_normal(UNITS[:2])).astype(np.float32)
    name = f"graph step {'-'.join(map(str, UNITS))}, batch {BATCH}"
    graph, loss = program(tf1, x, t, w)
    found = [Comparison(name, "refnet's layers", graph, _layers(x, t, w), 1.3)]
    if find_spec("tensorflow") is not None:
        theirs, their_loss = program(_tensorflow(), x, t, w)
        if not np.allclose(loss(), their_loss(), rtol=1e-4):
            raise ValueError(f"{name}: the two sides compute different losses")
        found.append(Comparison(name, "TensorFlow's session.run", graph, theirs, 1.0))
        found.append(_products(x, w))
    return found


def _products(x: Any, w: Any) -> Comparison:
    """Return the first layer's products by themselves, of which a step has one each way.

    They are most of a step, and what no graph has a part in.
    """
    tf = _tensorflow()
    batches = [x + i for i in range(PRODUCTS)]
    with tf.Graph().as_default():
        inputs = [tf.Variable(batch) for batch in batches]
        weight = tf.Variable(w)
        # A number of each: what nobody needs is not computed.
        products = tf.stack([tf.matmul(batch, weight)[0, 0] for batch in inputs])
        session = _session(tf)
    shape = f"{BATCH} x {UNITS[0]} x {UNITS[1]}"
    return Comparison(
        f"{PRODUCTS} products {shape}",
        "TensorFlow's session.run",
        lambda: [batch @ w for batch in batches],
        lambda: session.run(products),
    )


def _session(tf: Any) -> Any:
    one_thread = {"intra_op_parallelism_threads": 1, "inter_op_parallelism_threads": 1}
    session = tf.Session(config=tf.ConfigProto(**one_thread))
    session.run(tf.global_variables_initializer())
    return session


def program(tf: Any, x: Any, t: Any, w: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return one more training step, and the loss, of a program of TensorFlow 1."""
    images = tf.placeholder(tf.float32, [None, UNITS[0]])
    labels = tf.placeholder(tf.float32, [None, UNITS[2]])
    w1, b1 = tf.Variable(w), tf.Variable(tf.zeros([UNITS[1]]))
    w2, b2 = tf.Variable(tf.zeros(UNITS[1:])), tf.Variable(tf.zeros([UNITS[2]]))
    hidden = tf.nn.relu(tf.matmul(images, w1) + b1)
    logits = tf.matmul(hidden, w2) + b2
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    train = tf.train.MomentumOptimizer(LR, MOMENTUM).minimize(loss)
    session = _session(tf)
    feed = {images: x, labels: t}
    return lambda: session.run(train, feed), lambda: session.run(loss, feed)


def _layers(x: Any, t: Any, w: Any) -> Callable[[], Any]:
    layers = rn.layers.Sequential(
        fc1=rn.layers.Dense(UNITS[1]),
        activation=rn.layers.Activation("relu"),
        fc2=rn.layers.Dense(UNITS[2]),
    )
    zeros = {"fc1.b": UNITS[1], "fc2.w": UNITS[1:], "fc2.b": UNITS[2]}
    params = {"fc1.w": w, **{k: np.zeros(shape, np.float32) for k, shape in zeros.items()}}
    opt = rn.optimizers.SGD(lr=LR, momentum=MOMENTUM)
    state = opt.init(params)

    def step() -> Any:
        nonlocal params, state
        loss, grads = layers.value_and_grads(
            params, x, t, rn.softmax_cross_entropy, reduction="sum"
        )
        params, state = opt.update(params, grads, state)
        return loss

    return step


def _tensorflow() -> Any:
    import tensorflow.compat.v1 as tf

    tf.disable_eager_execution()
    return tf
