"""Linear, linear, sigmoid, mean squared error."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Model


def model(torch: Any, **_: Any) -> Model:
    """Return the network that tells positive reviews from negative ones."""
    linear = torch.nn.functional.linear

    def forward(p: Any, x: Any, *_: Any) -> Any:
        hidden = linear(x, p["fc1.w"].T, p["fc1.b"])
        return torch.sigmoid(linear(hidden, p["fc2.w"].T, p["fc2.b"]))

    return Model(forward, lambda y, t, _: torch.nn.functional.mse_loss(y, t), scores=False)
