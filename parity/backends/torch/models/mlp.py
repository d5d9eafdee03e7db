"""Linear layers with ReLUs, and either loss."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Branches, Model


def model(
    torch: Any,
    hidden: int | None = 300,
    loss: str = "softmax_cross_entropy",
    output: str | None = None,
    **_: Any,
) -> Model:
    """Return the multilayer perceptron: the cross-entropy is summed over the batch."""
    functional = torch.nn.functional
    softmax = loss == "softmax_cross_entropy"
    activation = output or ("identity" if softmax else "relu")

    def forward(p: Any, x: Any, _: Any, branches: Branches) -> Any:
        last = 1 if hidden is None else 2
        for i in range(1, last + 1):
            x = functional.linear(x, p[f"fc{i}.w"].T, p[f"fc{i}.b"])
            if i < last or activation == "relu":
                x = branches.relu(torch.relu(x))
        return x

    def cross_entropy(y: Any, t: Any, _: Any) -> Any:
        return functional.cross_entropy(y, t, reduction="sum")

    def squared_error(y: Any, t: Any, _: Any) -> Any:
        rows = functional.one_hot(t, y.shape[1]).to(y.dtype)
        return functional.mse_loss(y, rows, reduction="sum") / (2 * len(y))

    return Model(forward, cross_entropy if softmax else squared_error)
