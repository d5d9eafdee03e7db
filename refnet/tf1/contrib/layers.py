"""``tf.contrib.layers``: initializers, regularizers and the fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from refnet.graph import Node
from refnet.graph.random import fans_of
from refnet.tf1.arithmetic import abs, scalar_mul
from refnet.tf1.initial_values import (
    Initializer,
    glorot_normal_initializer,
    glorot_uniform_initializer,
    zeros_initializer,
)
from refnet.tf1.layers import flatten
from refnet.tf1.matrices import tensordot
from refnet.tf1.missing import missing
from refnet.tf1.nn.activations import relu
from refnet.tf1.nn.layers import bias_add
from refnet.tf1.nn.losses import l2_loss
from refnet.tf1.random import random_uniform, truncated_normal
from refnet.tf1.reductions import reduce_sum
from refnet.tf1.values import float32, value
from refnet.tf1.variables import get_variable, variable_scope

__all__ = [
    "flatten",
    "fully_connected",
    "l1_regularizer",
    "l2_regularizer",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = float32
) -> Initializer:
    """Return Glorot & Bengio 2010's initializer, uniform or normal."""
    return (glorot_uniform_initializer if uniform else glorot_normal_initializer)(seed, dtype)


xavier_initializer_conv2d = xavier_initializer


class variance_scaling_initializer(Initializer):  # noqa: N801
    """The variance factor / n, n of ``mode`` FAN_IN, FAN_OUT or FAN_AVG; He et al.'s by default.

    A normal distribution is cut at two deviations, of the variance 1.3 factor / n before.
    """

    def __init__(
        self,
        factor: float = 2.0,
        mode: str = "FAN_IN",
        uniform: bool = False,
        seed: int | None = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__(dtype, factor=factor, mode=mode, uniform=uniform, seed=seed)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return draws."""
        fan_in, fan_out = fans_of(shape)
        average = (fan_in + fan_out) / 2
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out}.get(self.options["mode"], average)
        variance, seed = self.options["factor"] / n, self.options["seed"]
        if self.options["uniform"]:
            limit = math.sqrt(3.0 * variance)
            return random_uniform(shape, -limit, limit, dtype, seed)
        return truncated_normal(shape, 0.0, math.sqrt(1.3 * variance), dtype, seed)


def l1_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Node]:
    """Return the function w -> scale sum |w|."""
    return lambda weights: scalar_mul(scale, reduce_sum(abs(weights)), scope)


def l2_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Node]:
    """Return the function w -> scale sum w^2 / 2."""
    return lambda weights: scalar_mul(scale, l2_loss(weights), scope)


def fully_connected(
    inputs: Any,
    num_outputs: int,
    activation_fn: Callable[[Any], Any] | None = relu,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = zeros_initializer,
    biases_regularizer: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    scope: str | None = None,
) -> Node:
    """Return activation(inputs @ weights + biases), the rectified by default."""
    x = value(inputs)
    rank = len(x.shape)
    with variable_scope(scope, "fully_connected", reuse=reuse):
        shape = [x.shape[-1], num_outputs]
        initial = weights_initializer or xavier_initializer()
        w = get_variable("weights", shape, x.dtype, initial, weights_regularizer, trainable)
        y = tensordot(x, w, [[rank - 1], [0]])
        if biases_initializer is not None:
            initial, penalty = biases_initializer, biases_regularizer
            b = get_variable("biases", [num_outputs], x.dtype, initial, penalty, trainable)
            y = bias_add(y, b)
        return y if activation_fn is None else value(activation_fn(y))


__getattr__ = missing("tf.contrib.layers", __all__)
