"""Linear, ReLU, linear, half the mean squared error of a row."""

from __future__ import annotations

from typing import Any

from parity.backends.jax.modules import Modules
from parity.backends.model import Branches, Model


def model(modules: Modules, **_: Any) -> Model:
    """Return the network that learns exclusive or."""
    jax, losses = modules.jax, modules.optax.losses

    def forward(p: Any, x: Any, _: Any, branches: Branches) -> Any:
        hidden = branches.relu(jax.nn.relu(x @ p["fc1.w"] + p["fc1.b"]))
        return hidden @ p["fc2.w"] + p["fc2.b"]

    def loss(y: Any, t: Any, _: Any) -> Any:
        return losses.squared_error(y, t).sum() / (2 * len(y))

    return Model(forward, loss)
