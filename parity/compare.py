"""Measure how far arrays are from what they should be: numbers only, no verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.floats import finfo

Array = NDArray[Any]


class Deviation(NamedTuple):
    """How far an implementation's values are from the oracle's.

    Attributes
    ----------
    max_abs, max_rel, max_ulp : float
        The largest absolute error, the largest relative to the expected value, and the largest in
        units of the last place of the expected value in the implementation's dtype.
    ratio : float
        The largest error as a share of its limit: at most 1 is within the bound.
    outside : int
        Elements whose error is above the limit.
    mismatches : int
        Elements where NaN, infinity or the sign of an exact zero differ.
    elements : int
        Elements compared.
    worst : str
        The element with the largest share of its limit, or what does not match, in words.
    array, place : str, tuple of int
        The array that this element is of, and its index; of what has no elements, the former alone.
    """

    max_abs: float = 0.0
    max_rel: float = 0.0
    max_ulp: float = 0.0
    ratio: float = 0.0
    outside: int = 0
    mismatches: int = 0
    elements: int = 0
    worst: str = ""
    array: str = ""
    place: tuple[int, ...] = ()

    @property
    def differing(self) -> int:
        """Elements that are outside their limit or differ in kind."""
        return self.outside + self.mismatches

    @property
    def within(self) -> bool:
        """Whether every element is within its limit and matches in kind."""
        return self.outside == 0 and self.mismatches == 0 and self.ratio <= 1


def measure(name: str, actual: Array, expected: Array, limit: Array, dtype: str) -> Deviation:
    """Compare an array with the oracle's.

    Parameters
    ----------
    name : str
        What the array is, for words.
    actual : array
        The implementation's, which should be of ``dtype`` and of expected's shape.
    expected : array
        The oracle's, in higher precision.
    limit : array
        The largest allowed absolute error of each element; finite wherever expected is. A limit of
        0 asks for equality, signs of zeros included.
    dtype : str
        The dtype in question. An expected value that rounds to infinity in it may be infinite.
    """
    if actual.dtype != np.dtype(dtype):
        return _unlike(name, f"of dtype {actual.dtype} instead of {dtype}", expected.size)
    if actual.shape != expected.shape:
        return _unlike(name, f"of shape {actual.shape} instead of {expected.shape}", expected.size)
    if not expected.size:
        return Deviation()
    with np.errstate(all="ignore"):
        return _measure(name, actual, expected, limit, finfo(dtype))


def _measure(name: str, actual: Array, expected: Array, limit: Array, info: Any) -> Deviation:
    got = actual.astype(expected.dtype)
    size = np.abs(expected)
    gap = np.abs(got - expected)
    # A sum is finite where every term is, but for what overflows: then it is looked at in full.
    if np.isfinite(gap.sum()) and np.isfinite(limit.sum()):
        same = gap == 0
        mismatched = same & (limit == 0) & (np.signbit(got) != np.signbit(expected))
        outside = ~(gap <= limit)
    else:
        same, mismatched, outside = _kinds(got, expected, limit, info)
        gap = np.where(np.isfinite(expected) & np.isfinite(got), gap, 0)

    off = gap > 0
    nothing = np.zeros_like(gap)
    share = np.divide(gap, limit, out=nothing.copy(), where=off)
    relative = np.divide(gap, size, out=nothing.copy(), where=off)
    unit = np.spacing(size.astype(info.dtype)).astype(expected.dtype)
    ulps = np.divide(gap, unit, out=nothing, where=off & np.isfinite(unit))

    differs = bool(mismatched.any())
    rank = np.where(mismatched, np.inf, share) if differs else share
    place = np.unravel_index(int(rank.argmax()), rank.shape)
    return Deviation(
        max_abs=float(gap.max()),
        max_rel=float(relative.max()),
        max_ulp=float(ulps.max()),
        ratio=math.inf if differs else float(share.max()),
        outside=int(outside.sum()),
        mismatches=int(mismatched.sum()),
        elements=expected.size,
        worst=_in_words(name, place, actual[place], expected[place], limit[place]),
        array=name,
        place=tuple(map(int, place)),
    )


def _kinds(got: Array, expected: Array, limit: Array, info: Any) -> tuple[Array, Array, Array]:
    """Return where values are the same, differ in kind, and are outside; some are not finite."""
    finite = np.isfinite(expected)
    # Values from here on round to infinity (IEEE 754-2019, section 7.4).
    threshold = expected.dtype.type(2) ** info.maxexp * (1 - expected.dtype.type(info.epsneg) / 2)
    overflow = finite & np.isinf(got) & (np.sign(got) == np.sign(expected))
    overflow &= np.abs(expected) + limit >= threshold
    same = (np.isnan(got) & np.isnan(expected)) | (got == expected) | overflow
    comparable = finite & np.isfinite(got)
    signs = (got == 0) & (expected == 0) & (limit == 0) & (np.signbit(got) != np.signbit(expected))
    mismatched = (~same & ~comparable) | signs | (finite & ~np.isfinite(limit))
    # NaN cannot slip through: whatever is not known to be within is outside.
    outside = comparable & ~same & ~mismatched & ~(np.abs(got - expected) <= limit)
    return same, mismatched, outside


def worst_of(deviations: Iterable[Deviation]) -> Deviation:
    """Return the largest of each measure over several arrays, and the worst of their words."""
    found = list(deviations)
    if not found:
        return Deviation()
    leader = max(found, key=lambda d: (d.mismatches > 0, d.ratio))
    return Deviation(
        max_abs=max(d.max_abs for d in found),
        max_rel=max(d.max_rel for d in found),
        max_ulp=max(d.max_ulp for d in found),
        ratio=max(d.ratio for d in found),
        outside=sum(d.outside for d in found),
        mismatches=sum(d.mismatches for d in found),
        elements=sum(d.elements for d in found),
        worst=leader.worst,
        array=leader.array,
        place=leader.place,
    )


def alike(a: Array, b: Array, limit: Array) -> bool:
    """Whether two arrays, each allowed ``limit`` from the oracle, can be the same function's."""
    if a.shape != b.shape or a.dtype != b.dtype or a.shape != limit.shape:
        return False
    x, y = a.astype(limit.dtype), b.astype(limit.dtype)
    with np.errstate(all="ignore"):
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        return bool((same | (np.abs(x - y) <= 2 * limit)).all())


def smallest_rtol(actual: Array, desired: Array) -> float:
    """Return the least rtol with which ``assert_allclose(actual, desired, atol=0)`` passes.

    Infinity where none would: a desired zero that is missed, or NaN and infinities that differ.
    """
    if actual.shape != desired.shape:
        return math.inf
    if not actual.size:
        return 0.0
    wide = np.result_type(np.float64, actual.dtype)
    a, d = actual.astype(wide), desired.astype(wide)
    with np.errstate(all="ignore"):
        same = (a == d) | (np.isnan(a) & np.isnan(d))
        needed = np.where(same, 0, np.abs(a - d) / np.abs(d))
    needed = np.where(np.isnan(needed), np.inf, needed)
    return float(needed.max())


def _unlike(name: str, what: str, elements: int) -> Deviation:
    n = max(elements, 1)
    return Deviation(ratio=math.inf, mismatches=n, elements=n, worst=f"{name} {what}", array=name)


def _in_words(name: str, place: tuple[Any, ...], got: Any, wanted: Any, limit: Any) -> str:
    index = f"[{', '.join(map(str, place))}]" if place else ""
    digits = 9 if got.dtype.itemsize <= 4 else 17
    return (
        f"{name}{index} = {float(got):.{digits}g}, "
        f"expected {float(wanted):.{digits}g} +- {float(limit):.2g}"
    )
