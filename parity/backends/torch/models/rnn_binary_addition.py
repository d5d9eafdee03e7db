"""A simple recurrent network over bits, a sigmoid at each, mean squared error."""

from __future__ import annotations

from typing import Any

from parity.backends.model import Model


def model(torch: Any, **_: Any) -> Model:
    """Return the adder: x (N, bits, 2) -> (N, bits)."""

    def forward(p: Any, x: Any, *_: Any) -> Any:
        state = torch.zeros((len(x), len(p["rnn.b"])), dtype=x.dtype)
        bits = []
        for step in x.unbind(1):
            state = torch.tanh(torch.cat([step, state], 1) @ p["rnn.w"] + p["rnn.b"])
            bits.append(torch.sigmoid(state @ p["out.w"] + p["out.b"]))
        return torch.cat(bits, 1)

    return Model(forward, lambda y, t, _: torch.nn.functional.mse_loss(y, t), scores=False)
