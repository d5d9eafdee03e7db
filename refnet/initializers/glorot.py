"""Glorot (Xavier) initial values, which keep the variance both ways through linear layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array, Shape
from refnet.initializers.base import Draw, fans, initializer


@initializer
def glorot_uniform() -> tuple[dict[str, Any], Draw]:
    """Draw U(-b, b), b = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16).

    Raises
    ------
    ShapeError
        When called with a shape of fewer than two axes, or with an empty one.

    Examples
    --------
    >>> w = glorot_uniform()((2, 4), np.random.default_rng(0))
    >>> bool(abs(w).max() <= 1)
    True
    """

    def draw(shape: Shape, rng: np.random.Generator) -> Array:
        b = math.sqrt(6 / sum(fans("glorot_uniform", shape)))
        return rng.uniform(-b, b, shape)

    return {}, draw


@initializer
def glorot_normal() -> tuple[dict[str, Any], Draw]:
    """Draw N(0, 2 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 12).

    Raises
    ------
    ShapeError
        When called with a shape of fewer than two axes, or with an empty one.

    Examples
    --------
    >>> w = glorot_normal()((100, 700), np.random.default_rng(0))
    >>> round(float(w.std()), 3)
    0.05
    """

    def draw(shape: Shape, rng: np.random.Generator) -> Array:
        return math.sqrt(2 / sum(fans("glorot_normal", shape))) * rng.standard_normal(shape)

    return {}, draw
