"""Named reductions of a loss's elements to its value, and their adjoint."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape

REDUCTIONS = ("none", "sum", "mean")


def reduced_shape(op: str, elements: Shape, reduction: str) -> Shape:
    """Return the shape of a loss whose elements have the shape ``elements``."""
    return elements if checks.choice(op, "reduction", reduction, REDUCTIONS) == "none" else ()


def reduce(elements: Array, reduction: str) -> Array:
    """Return the elements as they are, their sum or their mean (NaN over no elements)."""
    if reduction == "none":
        return elements
    total = np.add.reduce(elements, axis=None)
    return np.asarray(total / elements.size if reduction == "mean" else total)


def spread(dy: Array, elements: int, reduction: str) -> Array:
    """Return the cotangent of each element, of dy's shape: the adjoint of :func:`reduce`."""
    return np.asarray(dy / elements) if reduction == "mean" else dy
