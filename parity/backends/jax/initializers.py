"""Initializers of ``jax.nn.initializers`` under refnet's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parity.backends.jax.modules import Modules

Draw = Callable[[Any, tuple[int, ...], Any], Any]


def initializers(modules: Modules) -> Mapping[str, Callable[..., Draw]]:
    """Return functions of the options that return functions of (key, shape, dtype)."""
    own = modules.jax.nn.initializers

    def truncated_normal(
        mean: float = 0.0, std: float = 1.0, lower: float = -2.0, upper: float = 2.0
    ) -> Draw:
        # JAX's has a mean of 0, and counts the limits in standard deviations.
        around_zero = own.truncated_normal(std, lower=lower, upper=upper)
        return lambda key, shape, dtype: mean + around_zero(key, shape, dtype)

    return {
        "constant": lambda value=0.0: own.constant(value),
        "glorot_normal": own.glorot_normal,
        "glorot_uniform": own.glorot_uniform,
        "he_normal": own.he_normal,
        "he_uniform": own.he_uniform,
        "std_normal": lambda gain=1.0: own.normal(gain),
        "truncated_normal": truncated_normal,
        "zeros": lambda: own.zeros,
    }
