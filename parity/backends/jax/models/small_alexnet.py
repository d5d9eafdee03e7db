"""Two convolutions, pooled or not, two linear layers with dropout between them, cross-entropy."""

from __future__ import annotations

from typing import Any

from parity.backends.jax.modules import Modules
from parity.backends.jax.operations import convolutions
from parity.backends.jax.operations import pooling as pools
from parity.backends.model import Branches, Model


def model(modules: Modules, pooling: bool = False, dropout: float | None = None, **_: Any) -> Model:
    """Return the small convolutional network: images (N, H, W, C) -> (N, classes)."""
    jax, losses = modules.jax, modules.optax.losses
    conv2d = convolutions.family(modules).operations["conv2d"]
    max_pool2d = pools.family(modules).operations["max_pool2d"]

    def forward(p: Any, x: Any, masks: Any, branches: Branches) -> Any:
        for i in (1, 2):
            y = conv2d(x, p[f"conv{i}.w"], p[f"conv{i}.b"], 1 if pooling else 2, "SAME")
            x = branches.relu(jax.nn.relu(y))
            if pooling:
                x = branches.pool(x, max_pool2d(x, kernel=2, padding="SAME"))
        x = branches.relu(jax.nn.relu(x.reshape(len(x), -1) @ p["fc1.w"] + p["fc1.b"]))
        if masks:
            x = x * masks["dropout"] / (1 - (dropout or 0))
        return x @ p["fc2.w"] + p["fc2.b"]

    def loss(y: Any, t: Any, _: Any) -> Any:
        return losses.softmax_cross_entropy_with_integer_labels(y, t).mean()

    return Model(forward, loss)
