"""Two convolutions, pooled or not, two linear layers with dropout between them, cross-entropy."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Branches, Model


def model(tf: Any, pooling: bool = False, dropout: float | None = None, **_: Any) -> Model:
    """Return the small convolutional network: images (N, H, W, C) -> (N, classes)."""
    nn, linear = tf.nn, tf.compat.v1.nn.xw_plus_b

    def forward(p: Any, x: Any, masks: Any, branches: Branches) -> Any:
        for i in (1, 2):
            y = nn.conv2d(x, p[f"conv{i}.w"], 1 if pooling else 2, "SAME")
            x = branches.relu(nn.relu(nn.bias_add(y, p[f"conv{i}.b"])))
            if pooling:
                x = branches.pool(x, nn.max_pool2d(x, 2, 2, "SAME"))
        flat = tf.reshape(x, (x.shape[0], -1))
        x = branches.relu(nn.relu(linear(flat, p["fc1.w"], p["fc1.b"])))
        if masks:
            x = x * masks["dropout"] / (1 - (dropout or 0))
        return linear(x, p["fc2.w"], p["fc2.b"])

    def loss(y: Any, t: Any, _: Any) -> Any:
        entropy = nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=y)
        return tf.reduce_mean(entropy)

    return Model(forward, loss)
