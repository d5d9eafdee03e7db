"""Linear, sigmoid, linear, cross-entropy."""

from __future__ import annotations

from typing import Any

from parity.backends.jax.modules import Modules
from parity.backends.model import Model


def model(modules: Modules, **_: Any) -> Model:
    """Return the deep feedforward network."""
    jax, losses = modules.jax, modules.optax.losses

    def forward(p: Any, x: Any, *_: Any) -> Any:
        hidden = jax.nn.sigmoid(x @ p["fc1.w"] + p["fc1.b"])
        return hidden @ p["fc2.w"] + p["fc2.b"]

    def loss(y: Any, t: Any, _: Any) -> Any:
        return losses.softmax_cross_entropy_with_integer_labels(y, t).mean()

    return Model(forward, loss)
