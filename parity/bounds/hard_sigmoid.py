"""Bound of hard_sigmoid.

slope x + offset: the slope, the product and the sum are rounded, the offset and the sum. Limiting
it to [0, 1] enlarges no error, and the result is 0 or 1 exactly where the line is beyond them by
more than its error. The derivative is a choice between 0 and a product; where the line is that near
to an end without being on it, either may be chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _hard_sigmoid(a: Arithmetic, y: Array, x: Array, *, slope: float, offset: float) -> Any:
    line, error = _line(a, x, slope, offset)
    return np.where((line < -error) | (line > 1 + error) | np.isinf(x), 0, error)


def _hard_sigmoid_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, slope: float, offset: float
) -> Any:
    line, error = _line(a, x, slope, offset)
    near = np.minimum(np.abs(line), np.abs(line - 1))
    either = np.where((near > 0) & (near <= error), np.abs(slope * dy), 0)
    return [a.gamma(2) * np.abs(cotangents[0]) + either + a.eta]


def _line(a: Arithmetic, x: Array, slope: float, offset: float) -> tuple[Array, Array]:
    """Return slope x + offset and its error."""
    line = (x / 6 if slope == 1 / 6 else slope * x) + offset  # the default is a sixth exactly
    return line, a.gamma(3) * np.abs(slope * x) + a.gamma(2) * abs(offset) + a.eta


bound("hard_sigmoid", _hard_sigmoid, _hard_sigmoid_vjp)
