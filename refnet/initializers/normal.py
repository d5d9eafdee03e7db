"""Normal initial values, plain and truncated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import OptionError
from refnet.initializers.base import Draw, initializer

# Drawing again ends soon where this much of the distribution is inside: 1,000 rounds on average.
MIN_MASS = 1e-3


@initializer
def std_normal(gain: float = 1.0) -> tuple[dict[str, Any], Draw]:
    """Draw gain N(0, 1). The sources' networks use gain 0.01 (DFN) and 1.0 (XOR).

    Raises
    ------
    OptionError
        If gain is negative or no finite number.

    Examples
    --------
    >>> std_normal(gain=0.5)((2,), np.random.default_rng(0))
    array([ 0.06286511, -0.06605243])
    """
    g = checks.number("std_normal", "gain", gain, low=0)
    return {"gain": g}, lambda shape, rng: g * rng.standard_normal(shape)


@initializer
def truncated_normal(
    mean: float = 0.0, std: float = 1.0, lower: float = -2.0, upper: float = 2.0
) -> tuple[dict[str, Any], Draw]:
    """Draw mean + std z, where z is N(0, 1) drawn again while outside [lower, upper].

    The limits count in standard deviations, as in TensorFlow's truncated_normal; PyTorch's
    trunc_normal_ counts them in values. The result's own deviation is smaller than ``std``: 0.88
    of it at two standard deviations.

    Raises
    ------
    OptionError
        If std is negative, a number not finite, or next to nothing of the normal distribution lies
        between the limits.

    Examples
    --------
    >>> w = truncated_normal(std=0.1)((1000,), np.random.default_rng(0))
    >>> bool(abs(w).max() <= 0.2)
    True
    """
    centre = checks.number("truncated_normal", "mean", mean)
    scale = checks.number("truncated_normal", "std", std, low=0)
    low = checks.number("truncated_normal", "lower", lower)
    high = checks.number("truncated_normal", "upper", upper)
    if not _mass(low, high) >= MIN_MASS:
        raise OptionError(
            "truncated_normal",
            got=f"lower={lower!r} and upper={upper!r}",
            needs=f"lower below upper, with at least {MIN_MASS:g} of N(0, 1) between them",
            cause="Are they swapped, or given in values instead of standard deviations?",
        )

    def draw(shape: Shape, rng: np.random.Generator) -> Array:
        z = rng.standard_normal(shape)
        while (outside := (z < low) | (z > high)).any():
            z[outside] = rng.standard_normal(int(outside.sum()))
        return np.asarray(centre + scale * z)

    return {"mean": centre, "std": scale, "lower": low, "upper": high}, draw


def _mass(low: float, high: float) -> float:
    return (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
