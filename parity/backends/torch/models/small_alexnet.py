"""Two convolutions, pooled or not, two linear layers with dropout between them, cross-entropy."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Branches, Model
from parity.backends.torch.operations import convolutions
from parity.backends.torch.operations import pooling as pools


def model(torch: Any, pooling: bool = False, dropout: float | None = None, **_: Any) -> Model:
    """Return the small convolutional network: images (N, H, W, C) -> (N, classes)."""
    functional = torch.nn.functional
    conv2d = convolutions.family(torch).operations["conv2d"]
    max_pool2d = pools.family(torch).operations["max_pool2d"]

    def forward(p: Any, x: Any, masks: Any, branches: Branches) -> Any:
        for i in (1, 2):
            y = conv2d(x, p[f"conv{i}.w"], p[f"conv{i}.b"], 1 if pooling else 2, "SAME")
            x = branches.relu(torch.relu(y))
            if pooling:
                x = branches.pool(x, max_pool2d(x, kernel=2, padding="SAME"))
        hidden = functional.linear(x.flatten(1), p["fc1.w"].T, p["fc1.b"])
        x = branches.relu(torch.relu(hidden))
        if masks:
            x = x * masks["dropout"] / (1 - (dropout or 0))
        return functional.linear(x, p["fc2.w"].T, p["fc2.b"])

    return Model(forward, lambda y, t, _: functional.cross_entropy(y, t))
