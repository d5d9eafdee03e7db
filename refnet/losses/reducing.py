"""Named reductions of a loss's elements to its value, and their adjoint.

===================  ==============================================  =============
reduction            value                                           shape
===================  ==============================================  =============
``none``             the elements                                    theirs
``sum``              sum                                             ()
``mean``             sum / number of elements                        ()
``mean_rows``        sum / m, m rows along the first axis            ()
``half_sum``         sum / 2                                         ()
``half_mean_rows``   sum / (2 m)                                     ()
``sum_rows``         the sum of each row                             (m,)
===================  ==============================================  =============

Every loss takes the first three, of which ``mean`` is NaN over no elements; some take others.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import ShapeError

REDUCTIONS = ("none", "sum", "mean")


def reduced_shape(
    op: str, elements: Shape, reduction: str, choices: Collection[str] = REDUCTIONS
) -> Shape:
    """Return the shape of a loss whose elements have the shape ``elements``."""
    checks.choice(op, "reduction", reduction, choices)
    if reduction == "none":
        return elements
    if reduction.endswith("rows") and not elements:
        raise ShapeError(
            op,
            got=f"inputs without axes and reduction={reduction!r}",
            needs="rows along a first axis",
            cause="Is the batch axis missing?",
        )
    return elements[:1] if reduction == "sum_rows" else ()


def reduce(elements: Array, reduction: str) -> Array:
    """Return the elements reduced as named."""
    if reduction == "none":
        return elements
    if reduction == "sum_rows":
        rows = elements.reshape(len(elements), math.prod(elements.shape[1:]))
        return np.asarray(np.add.reduce(rows, axis=1))
    total = np.add.reduce(elements, axis=None)
    return np.asarray(total if reduction == "sum" else total / _divisor(elements.shape, reduction))


def spread(dy: Array, elements: Shape, reduction: str) -> Array:
    """Return the cotangent of each element, which broadcasts to them: the adjoint of reduce."""
    if reduction in ("none", "sum"):
        return dy
    if reduction == "sum_rows":
        return dy.reshape(-1, *(1,) * (len(elements) - 1))
    return np.asarray(dy / max(_divisor(elements, reduction), 1))  # over nothing there is nothing


def _divisor(elements: Shape, reduction: str) -> int:
    match reduction:
        case "mean":
            return math.prod(elements)
        case "half_sum":
            return 2
        case "mean_rows":
            return elements[0]
        case _:
            return 2 * elements[0]
