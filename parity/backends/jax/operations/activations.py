"""The activations."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return the activations."""
    jnp, nn = modules.jax.numpy, modules.jax.nn

    def gelu(x: Any, approximate: str = "none") -> Any:
        return nn.gelu(x, approximate=approximate == "tanh")

    def hard_sigmoid(x: Any, slope: float = 1 / 6, offset: float = 0.5) -> Any:
        if (slope, offset) == (1 / 6, 0.5):
            return nn.hard_sigmoid(x)
        return jnp.clip(slope * x + offset, 0.0, 1.0)

    def hard_tanh(x: Any, low: float = -1.0, high: float = 1.0) -> Any:
        if (low, high) == (-1.0, 1.0):
            return nn.hard_tanh(x)
        return jnp.where(x > high, high, jnp.where(x < low, low, x))

    def prelu(x: Any, a: Any) -> Any:
        a = a.reshape(()) if a.size == 1 else a
        return jnp.where(x > 0, x, a * x)

    def softplus(x: Any, beta: float = 1.0) -> Any:
        if beta == 1:
            return nn.softplus(x)
        # Beyond 40 it is x in float64 too, and beta x may overflow; what is not taken must be
        # finite for its derivative.
        large = beta * x > 40
        return jnp.where(large, x, nn.softplus(jnp.where(large, 0, beta * x)) / beta)

    return Family(
        {
            "affine": lambda x, slope=1.0, intercept=0.0: slope * x + intercept,
            "elu": lambda x, alpha=1.0: nn.elu(x, alpha),
            "gelu": gelu,
            "hard_sigmoid": hard_sigmoid,
            "hard_tanh": hard_tanh,
            "identity": jnp.array,
            "leaky_relu": lambda x, slope=0.01: nn.leaky_relu(x, slope),
            "mish": nn.mish,
            "prelu": prelu,
            "relu": nn.relu,
            "selu": nn.selu,
            "sigmoid": nn.sigmoid,
            "silu": nn.silu,
            "softplus": softplus,
            "softsign": nn.soft_sign,
            "step": lambda x: jnp.heaviside(x, jnp.zeros((), x.dtype)),
            "tanh": jnp.tanh,
        },
        rounds_between=frozenset(
            {
                *("affine", "elu", "gelu", "hard_sigmoid", "leaky_relu", "mish", "prelu"),
                *("selu", "sigmoid", "silu", "softplus", "softsign", "tanh"),
            }
        ),
    )
