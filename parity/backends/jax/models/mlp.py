"""Linear layers with ReLUs, and either loss."""

from __future__ import annotations

from typing import Any

from parity.backends.jax.modules import Modules
from parity.backends.model import Branches, Model


def model(
    modules: Modules,
    hidden: int | None = 300,
    loss: str = "softmax_cross_entropy",
    output: str | None = None,
    **_: Any,
) -> Model:
    """Return the multilayer perceptron: the cross-entropy is summed over the batch."""
    jax, losses = modules.jax, modules.optax.losses
    softmax = loss == "softmax_cross_entropy"
    activation = output or ("identity" if softmax else "relu")

    def forward(p: Any, x: Any, _: Any, branches: Branches) -> Any:
        last = 1 if hidden is None else 2
        for i in range(1, last + 1):
            x = x @ p[f"fc{i}.w"] + p[f"fc{i}.b"]
            if i < last or activation == "relu":
                x = branches.relu(jax.nn.relu(x))
        return x

    def cross_entropy(y: Any, t: Any, _: Any) -> Any:
        return losses.softmax_cross_entropy_with_integer_labels(y, t).sum()

    def squared_error(y: Any, t: Any, _: Any) -> Any:
        rows = jax.nn.one_hot(t, y.shape[1], dtype=y.dtype)
        return losses.squared_error(y, rows).sum() / (2 * len(y))

    return Model(forward, cross_entropy if softmax else squared_error)
