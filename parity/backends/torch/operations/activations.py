"""The activations."""

from __future__ import annotations

from typing import Any

from parity.backends.torch.operations.base import Family


def family(torch: Any) -> Family:
    """Return the activations."""

    def step(x: Any) -> Any:
        # heaviside has no derivative in torch; sign has one, which is zero.
        value = torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype))
        slope = torch.sign(x)
        return value + (slope - slope.detach())

    return Family(
        {
            "affine": lambda x, slope=1.0, intercept=0.0: slope * x + intercept,
            "identity": torch.clone,
            "relu": torch.relu,
            "sigmoid": torch.sigmoid,
            "step": step,
            "tanh": torch.tanh,
        },
        rounds_between=frozenset({"affine", "sigmoid"}),
    )
