"""He initial values, which keep the variance through ReLU layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array, Shape
from refnet.initializers.base import Draw, fans, initializer


@initializer
def he_uniform() -> tuple[dict[str, Any], Draw]:
    """Draw U(-b, b), b = sqrt(6 / fan_in) (He, Zhang, Ren & Sun 2015, eq. 10).

    Raises
    ------
    ShapeError
        When called with a shape of fewer than two axes, or with an empty one.

    Examples
    --------
    >>> w = he_uniform()((6, 400), np.random.default_rng(0))
    >>> bool(0.99 < abs(w).max() <= 1)
    True
    """

    def draw(shape: Shape, rng: np.random.Generator) -> Array:
        b = math.sqrt(6 / fans("he_uniform", shape)[0])
        return rng.uniform(-b, b, shape)

    return {}, draw


@initializer
def he_normal() -> tuple[dict[str, Any], Draw]:
    """Draw N(0, 2 / fan_in) (He, Zhang, Ren & Sun 2015, eq. 10).

    Raises
    ------
    ShapeError
        When called with a shape of fewer than two axes, or with an empty one.

    Examples
    --------
    >>> w = he_normal()((8, 10000), np.random.default_rng(0))
    >>> round(float(w.std()), 2)
    0.5
    """

    def draw(shape: Shape, rng: np.random.Generator) -> Array:
        return math.sqrt(2 / fans("he_normal", shape)[0]) * rng.standard_normal(shape)

    return {}, draw
