"""The activations."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return the activations."""
    functional = torch.nn.functional

    def step(x: Any) -> Any:
        # heaviside has no derivative in torch; sign has one, which is zero.
        value = torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype))
        slope = torch.sign(x)
        return value + (slope - slope.detach())

    def hard_sigmoid(x: Any, slope: float | None = None, offset: float = 0.5) -> Any:
        # torch's own kernel has a slope of 1/6. In float64 its VJP takes float32's 1/6: there it
        # is left to a case that asks for the slope, and the definition stands in its place.
        own = slope == 1 / 6 or (slope is None and x.dtype != torch.float64)
        if own and offset == 0.5:
            return functional.hardsigmoid(x)
        # The half types in float32, as torch's own kernels have them: in between, a line just
        # inside would round to an end, and its derivative to 0.
        wide = x if x.dtype == torch.float64 else x.float()
        line = wide / 6 if slope in (None, 1 / 6) else slope * wide
        return functional.hardtanh(line + offset, 0.0, 1.0).to(x.dtype)

    def prelu(x: Any, a: Any) -> Any:
        if a.numel() == 1:
            return functional.prelu(x, a.reshape(1))
        # torch has the channels on axis 1.
        if a.ndim == x.ndim - 1 and a.numel() == x.shape[1] == a.shape[0]:
            return functional.prelu(x, a.reshape(-1))
        if a.ndim == 1:
            return functional.prelu(x.reshape(-1, x.shape[-1]), a).reshape(x.shape)
        return torch.where(x > 0, x, a * x)

    def softplus(x: Any, beta: float = 1.0) -> Any:
        # Beyond the threshold torch returns x: the formula in float64 too from 40 on, but not yet
        # from the default, 20.
        return functional.softplus(x, beta=beta, threshold=40.0)

    return Family(
        {
            "affine": lambda x, slope=1.0, intercept=0.0: slope * x + intercept,
            "elu": functional.elu,
            "gelu": functional.gelu,
            "hard_sigmoid": hard_sigmoid,
            "hard_tanh": lambda x, low=-1.0, high=1.0: functional.hardtanh(x, low, high),
            "identity": torch.clone,
            "leaky_relu": lambda x, slope=0.01: functional.leaky_relu(x, slope),
            "mish": functional.mish,
            "prelu": prelu,
            "relu": torch.relu,
            "selu": functional.selu,
            "sigmoid": torch.sigmoid,
            "silu": functional.silu,
            "softplus": softplus,
            "softsign": functional.softsign,
            "step": step,
            "tanh": torch.tanh,
        },
        rounds_between=frozenset({"affine", "prelu", "sigmoid", "softsign"}),
    )
