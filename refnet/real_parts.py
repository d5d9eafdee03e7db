"""Absolute values and limits of arrays that may be complex, by their real parts.

An analytic operation branches on the real part of its input, so that complex step differentiates
the branch that the input is on; ``np.abs`` and ``np.minimum`` would not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array

# exp(-BEYOND / 2) is 0 in every dtype, that of the widest exponent included.
BEYOND = 2.0**15


def absolute(x: Array) -> Array:
    """Return |x|: -x where the real part is negative, x elsewhere; a new array."""
    return np.asarray(np.where(x.real < 0, -x, x) if x.dtype.kind == "c" else np.abs(x))


def limited(x: Array, low: Any, high: Any) -> Array:
    """Return x, and the limit where the real part is beyond it; NaN stays. A new array.

    Examples
    --------
    >>> limited(np.array([-3.0, 0.5, np.inf]), -1, 2)
    array([-1. ,  0.5,  2. ])
    """
    if x.dtype.kind == "c":
        above = np.where(x.real < low, x.dtype.type(low), x)
        return np.asarray(np.where(above.real > high, x.dtype.type(high), above))
    return np.asarray(np.minimum(np.maximum(x, low), high))
