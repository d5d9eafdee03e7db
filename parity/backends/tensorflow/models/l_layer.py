"""Products with samples in columns, ReLUs, the binary cross-entropy, penalties and dropout."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Branches, Model


def model(tf: Any, l1: float = 0.0, l2: float = 0.0, keep_prob: float = 1.0, **_: Any) -> Model:
    """Return the L-layer network; masks say which hidden units are kept."""

    def forward(p: Any, x: Any, masks: Any, branches: Branches) -> Any:
        last = len(p) // 2
        for i in range(1, last + 1):
            x = tf.matmul(p[f"W{i}"], x) + p[f"b{i}"]
            if i < last:
                x = branches.relu(tf.nn.relu(x))
                x = x * masks[f"D{i}"] / keep_prob if masks else x
        return x

    def loss(y: Any, t: Any, p: Any) -> Any:
        m = y.shape[1]
        entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=y)
        value = tf.reduce_sum(entropy) / m
        for i in range(1, len(p) // 2 + 1):
            w = p[f"W{i}"]
            value = value + l1 / m * tf.reduce_sum(tf.abs(w)) if l1 else value
            value = value + l2 / m * tf.nn.l2_loss(w) if l2 else value
        return value

    return Model(forward, loss, scores=False, result=tf.sigmoid)
