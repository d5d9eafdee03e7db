"""Initializers as objects: called with a shape, they are the initial value of a variable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from refnet.checks import choice
from refnet.errors import OptionError
from refnet.graph import Node
from refnet.graph.random import fans_of
from refnet.tf1.arrays import constant
from refnet.tf1.random import random_normal, random_uniform, truncated_normal
from refnet.tf1.values import as_dtype, float32

# The deviation of a normal distribution that is cut at two of them, in units of it.
TRUNCATED = 0.87962566103423978


class Initializer:
    """A distribution of initial values: ``initializer(shape, dtype=None)`` is a node that draws."""

    def __init__(self, dtype: Any, **options: Any) -> None:
        self.dtype = as_dtype(dtype)
        self.options = options

    def __call__(
        self,
        shape: Sequence[int],
        dtype: Any = None,
        partition_info: Any = None,
    ) -> Node:
        """Return a node of initial values of a shape."""
        return self.draw(list(shape), self.dtype if dtype is None else as_dtype(dtype))

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return the node."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the options by name."""
        return {**self.options, "dtype": self.dtype.name}

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v!r}" for k, v in self.options.items())
        return f"{type(self).__name__}({options})"


class constant_initializer(Initializer):  # noqa: N801
    """A value, or an array of the variable's shape."""

    def __init__(self, value: Any = 0, dtype: Any = float32, verify_shape: bool = False) -> None:
        super().__init__(dtype, value=value)
        self.verify_shape = verify_shape

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return the constant; of an array with as many elements, in the shape."""
        array = np.asarray(self.options["value"], dtype)
        if array.size not in (1, math.prod(shape)):
            raise OptionError(
                "constant_initializer",
                got=f"a value of {array.size} numbers for the shape {shape}",
                needs="a single number, or as many as the shape has",
                cause="Is it another variable's value?",
            )
        return constant(array.reshape(shape) if array.size > 1 else array, dtype, shape, None)


class zeros_initializer(Initializer):  # noqa: N801
    """Zeros."""

    def __init__(self, dtype: Any = float32) -> None:
        super().__init__(dtype)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return zeros."""
        return constant(0, dtype, shape, "zeros")


class ones_initializer(Initializer):  # noqa: N801
    """Ones."""

    def __init__(self, dtype: Any = float32) -> None:
        super().__init__(dtype)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return ones."""
        return constant(1, dtype, shape, "ones")


class random_normal_initializer(Initializer):  # noqa: N801
    """A normal distribution."""

    def __init__(
        self, mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(dtype, mean=mean, stddev=stddev, seed=seed)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return draws."""
        return random_normal(shape, dtype=dtype, **self.options)


class truncated_normal_initializer(random_normal_initializer):  # noqa: N801
    """A normal distribution, drawn again beyond two standard deviations."""

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return draws."""
        return truncated_normal(shape, dtype=dtype, **self.options)


class random_uniform_initializer(Initializer):  # noqa: N801
    """A uniform distribution; ``maxval`` is 1 by default."""

    def __init__(
        self,
        minval: float = 0.0,
        maxval: float | None = None,
        seed: int | None = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__(dtype, minval=minval, maxval=maxval, seed=seed)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return draws."""
        return random_uniform(shape, dtype=dtype, **self.options)


class variance_scaling_initializer(Initializer):  # noqa: N801
    """A distribution of variance scale / n, where n is fan_in, fan_out or their mean (fan_avg)."""

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        dtype: Any = float32,
    ) -> None:
        choice("variance_scaling_initializer", "mode", mode, ("fan_in", "fan_out", "fan_avg"))
        named = {"normal": "truncated_normal"}.get(distribution, distribution)
        known = ("truncated_normal", "untruncated_normal", "uniform")
        choice("variance_scaling_initializer", "distribution", named, known)
        super().__init__(dtype, scale=scale, mode=mode, distribution=named, seed=seed)

    def draw(self, shape: list[int], dtype: Any) -> Node:
        """Return draws."""
        fan_in, fan_out = fans_of(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out}.get(self.options["mode"], (fan_in + fan_out) / 2)
        variance, seed = self.options["scale"] / max(1.0, n), self.options["seed"]
        match self.options["distribution"]:
            case "uniform":
                limit = math.sqrt(3 * variance)
                return random_uniform(shape, -limit, limit, dtype, seed)
            case "truncated_normal":
                return truncated_normal(shape, 0.0, math.sqrt(variance) / TRUNCATED, dtype, seed)
            case _:
                return random_normal(shape, 0.0, math.sqrt(variance), dtype, seed)


class glorot_uniform_initializer(variance_scaling_initializer):  # noqa: N801
    """Glorot & Bengio 2010's uniform distribution, to +-sqrt(6 / (fan_in + fan_out))."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, dtype)


class glorot_normal_initializer(variance_scaling_initializer):  # noqa: N801
    """Glorot & Bengio 2010's variance 2 / (fan_in + fan_out), of a truncated normal."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, dtype)


def he_normal(seed: int | None = None) -> variance_scaling_initializer:
    """Return He et al. 2015's variance 2 / fan_in, of a truncated normal."""
    return variance_scaling_initializer(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed: int | None = None) -> variance_scaling_initializer:
    """Return He et al. 2015's variance 2 / fan_in, of a uniform distribution."""
    return variance_scaling_initializer(2.0, "fan_in", "uniform", seed)


# The names in tf.initializers.
constant_, zeros, ones = constant_initializer, zeros_initializer, ones_initializer
random_normal_, random_uniform_ = random_normal_initializer, random_uniform_initializer
variance_scaling = variance_scaling_initializer
glorot_uniform, glorot_normal = glorot_uniform_initializer, glorot_normal_initializer
