"""How far apart two tensors are: numbers only."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from parity.floats import finfo
from parity.trace.arrays import Array

SMALL = 1e-200  # beside this and its reciprocal, squares are as good as exact
ROUNDINGS = 16  # units of roundoff up to which a distance is rounding


class Distance(NamedTuple):
    """How far apart two tensors of one shape are.

    Attributes
    ----------
    gap : float
        The root mean square of their difference, infinite where NaN or infinities differ.
    size : float
        The root mean square of the larger of them, over its finite elements.
    differing, elements : int
        How many elements differ in value, and of how many. NaN equals NaN.
    place : tuple of int
        The element that is farthest off.
    """

    gap: float
    size: float
    differing: int
    elements: int
    place: tuple[int, ...]

    @property
    def relative(self) -> float:
        """The gap as a share of the size: the relative root-mean-square distance."""
        return self.gap / self.size if self.gap and self.size else (math.inf if self.gap else 0.0)


def distance(a: Array, b: Array) -> Distance:
    """Return how far apart two arrays of one shape are, of whatever dtypes.

    Examples
    --------
    >>> distance(np.array([3.0, 4.0]), np.array([3.0, 4.5], np.float32)).relative
    0.0924500
    >>> distance(np.array([1, 2]), np.array([1, 3])).differing
    1
    """
    wide = _wide(a.dtype, b.dtype)
    x, y = a.astype(wide, copy=False), b.astype(wide, copy=False)
    with np.errstate(all="ignore"):
        gaps = np.asarray(np.abs(x - y))
        if gaps.size and not np.isfinite(gaps.max()):  # NaN or infinities, in one or in both
            gaps[(x == y) | (np.isnan(x) & np.isnan(y))] = 0
            gaps[np.isnan(gaps)] = math.inf
            x, y = (np.where(np.isfinite(v), v, 0) for v in (x, y))
        differing = int(np.count_nonzero(gaps))
        size = rms(x) if not differing else max(rms(x), rms(y))
        if not differing:
            return Distance(0.0, size, 0, gaps.size, ())
        place = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
        return Distance(rms(gaps), size, differing, gaps.size, tuple(map(int, place)))


def rounding(a: Array, b: Array) -> float:
    """Return the relative distance up to which two arrays agree but for rounding.

    That is 16 u, u the unit roundoff of the coarser of their dtypes; 0 if both are exact.
    """
    return ROUNDINGS * max(unit(a.dtype), unit(b.dtype))


@lru_cache(maxsize=64)
def unit(dtype: np.dtype[Any]) -> float:
    """Return the unit roundoff of a dtype: 0 for integers and bools."""
    return 0.0 if dtype.kind in "biu" else float(finfo(dtype).eps) / 2


@lru_cache(maxsize=256)
def _wide(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """Return a dtype that holds the values of both, and their difference."""
    if not unit(a) and not unit(b) and max(a.itemsize, b.itemsize) == 8:
        return np.dtype(np.longdouble)  # float64 does not hold all of these
    # NumPy knows of no dtype for bfloat16 beside another.
    return np.result_type(np.float64, *(np.float64 if unit(d) > 1e-5 else d for d in (a, b)))


def rms(a: Array) -> float:
    """Return the root mean square, without overflow or underflow."""
    if not a.size:
        return 0.0
    size = np.abs(a)
    mean = float(np.mean(np.square(size)))
    if SMALL < mean < 1 / SMALL:
        return math.sqrt(mean)
    high = size.max()
    if high == 0 or not np.isfinite(high):
        return float(high)
    return float(high * np.sqrt(np.mean(np.square(size / high))))
