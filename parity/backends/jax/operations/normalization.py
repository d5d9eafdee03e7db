"""Normalisation and dropout."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.halves import in_float32
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return normalisation and dropout."""
    jnp, standardize = modules.jax.numpy, modules.jax.nn.standardize

    def scaled(y: Any, gamma: Any, beta: Any) -> Any:
        y = y if gamma is None else y * gamma
        return y if beta is None else y + beta

    def layer_norm(
        x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, eps: float = 1e-5
    ) -> Any:
        axes = axis if isinstance(axis, tuple) else (axis,)
        named = {i % x.ndim for i in axes}
        shape = [n if i in named else 1 for i, n in enumerate(x.shape)]
        y = standardize(x, axis=axes, epsilon=eps)
        return scaled(y, *(None if p is None else p.reshape(shape) for p in (gamma, beta)))

    def normalized(x: Any, mean: Any, variance: Any, eps: float) -> Any:
        return (x - mean) / jnp.sqrt(variance + eps)

    def group_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        groups: int = 1,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        channels = 1 if layout == "NCHW" else -1
        last = jnp.moveaxis(x, channels, -1)
        grouped = last.reshape(*last.shape[:-1], groups, last.shape[-1] // groups)
        axes = (*range(1, grouped.ndim - 2), grouped.ndim - 1)
        mean, variance = (f(grouped, axes, keepdims=True) for f in (jnp.mean, jnp.var))
        y = normalized(grouped, mean, variance, eps).reshape(last.shape)
        return jnp.moveaxis(scaled(y, gamma, beta), -1, channels)

    def batch_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        mean: Any = None,
        variance: Any = None,
        training: bool = True,
        momentum: float = 0.1,
        momentum_of: str = "new",
        unbiased: bool = True,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        channels = 1 if layout == "NCHW" else -1
        x = jnp.moveaxis(x, channels, -1)
        if not training:
            y = scaled(normalized(x, mean, variance, eps), gamma, beta)
            return jnp.moveaxis(y, -1, channels)
        over = tuple(range(x.ndim - 1))
        found = jnp.mean(x, over), jnp.var(x, over)
        y = jnp.moveaxis(scaled(normalized(x, *found, eps), gamma, beta), -1, channels)
        if mean is None:
            return y
        new, old = momentum, 1 - momentum
        if momentum_of == "old":
            new, old = old, new
        seen = jnp.var(x, over, ddof=int(unbiased))
        return y, old * mean + new * found[0], old * variance + new * seen

    def dropout(
        x: Any,
        mask: Any = None,
        rate: float = 0.0,
        scale: str = "inverted",
        training: bool = True,
    ) -> Any:
        match (scale, training):
            case ("inverted", True):
                return x * (mask / (1 - rate))
            case ("at_test", True):
                return x * mask
            case ("at_test", False):
                return x * (1 - rate)
            case _:
                return jnp.array(x)

    return Family(
        {
            "batch_norm": in_float32(modules, batch_norm),
            "dropout": dropout,
            "group_norm": in_float32(modules, group_norm),
            "layer_norm": layer_norm,
        },
        rounds_between=frozenset({"dropout", "layer_norm"}),
    )
