"""Sums of binary numbers, a bit at a time: what a recurrent network learns to add from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import DomainError, DtypeError, OptionError, ShapeError

MAX_BITS = 62  # a sum of two such numbers is an int64


class Sums(NamedTuple):
    """Addends x (N, bits, 2) and their sums t (N, bits), the least significant bit first."""

    x: Array
    t: Array


def binary_addition(
    n: int,
    *,
    rng: np.random.Generator | np.random.RandomState,
    bits: int = 8,
    dtype: Any = np.float64,
) -> Sums:
    """Draw n pairs of numbers whose sums have ``bits`` bits: addends below 2^(bits - 1).

    Parameters
    ----------
    n : int
        Samples.
    rng : numpy.random.Generator or numpy.random.RandomState
        Draws the addends of each sample in turn; the older kind draws those of the sources.
    bits : int
        From 2 to 62.
    dtype : dtype
        That of the bits.

    Raises
    ------
    OptionError
        If n or bits is no integer or out of range.
    DtypeError
        If rng is neither kind of generator, or dtype no float.

    Examples
    --------
    >>> import numpy as np
    >>> x, t = binary_addition(100, rng=np.random.RandomState(1))
    >>> from_bits(x[0, :, 0]), from_bits(x[0, :, 1]), from_bits(t[0])
    (array(37), array(107), array(144))
    """
    name = "binary_addition"
    count = checks.count(name, "n", n)
    width = checked_width(name, bits)
    high = 1 << (width - 1)
    if isinstance(rng, np.random.RandomState):
        pairs = rng.randint(0, high, (count, 2), np.int64)
    elif isinstance(rng, np.random.Generator):
        pairs = rng.integers(0, high, (count, 2))
    else:
        raise DtypeError(
            name,
            got=f"rng of type {type(rng).__name__}",
            needs="a numpy.random.Generator or RandomState",
            cause="Use numpy.random.default_rng(seed), not a seed.",
        )
    x = to_bits(pairs, bits=width, dtype=dtype)
    t = to_bits(pairs.sum(axis=1), bits=width, dtype=dtype)
    return Sums(np.ascontiguousarray(x.swapaxes(1, 2)), t)


def to_bits(numbers: Any, *, bits: int = 8, dtype: Any = np.float64) -> Array:
    """Return the bits of integers, the least significant first: (...) -> (..., bits).

    Raises
    ------
    DtypeError
        If numbers are no integers, or dtype no float.
    DomainError
        If a number is negative or has more bits.

    Examples
    --------
    >>> to_bits(6, bits=4)
    array([0., 1., 1., 0.])
    """
    width = checked_width("to_bits", bits)
    wanted = checks.float_dtype("to_bits", dtype)
    given = as_array("to_bits", "numbers", numbers)
    if given.dtype.kind not in "iu":
        raise DtypeError(
            "to_bits",
            got=f"numbers of dtype {given.dtype}",
            needs="integers",
            cause="Is a conversion with int() missing?",
        )
    bad = (given < 0) | (given >= 1 << width)
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            "to_bits",
            got=f"{given[place]} at position {place}",
            needs=f"numbers from 0 to {(1 << width) - 1}, of {width} bits",
            cause="Are more bits needed?",
        )
    narrow = given.astype(np.int64)[..., np.newaxis]
    return ((narrow >> np.arange(width)) & 1).astype(wanted)


def from_bits(bits: Any) -> Array:
    """Return the integers whose bits are given, the least significant first: (..., B) -> (...).

    Whatever is above 1/2 counts as a bit that is set.

    Raises
    ------
    ShapeError
        If there is no axis of bits, or more than 62 of them.
    DomainError
        If a bit is NaN.

    Examples
    --------
    >>> from_bits(np.array([0.1, 0.9, 0.8, 0.0]))
    array(6)
    """
    given = as_array("from_bits", "bits", bits)
    if given.ndim == 0 or given.shape[-1] > MAX_BITS:
        raise ShapeError(
            "from_bits",
            got=f"bits {given.shape}",
            needs=f"bits (..., B), B at most {MAX_BITS}",
            cause="Is the axis of bits not the last?",
        )
    if np.isnan(given).any():
        place = checks.first_place(np.isnan(given))
        raise DomainError(
            "from_bits",
            got=f"NaN at position {place}",
            needs="numbers, of which those above 1/2 are bits that are set",
            cause="Are they the results of a network whose training diverged?",
        )
    return np.asarray((given > 0.5) @ (1 << np.arange(given.shape[-1])))


def checked_width(name: str, bits: Any) -> int:
    """Return how many bits a sum has, if it is a number of bits that sums can have."""
    width = checks.count(name, "bits", bits, low=2)
    if width > MAX_BITS:
        raise OptionError(
            name,
            got=f"bits={width}",
            needs=f"bits from 2 to {MAX_BITS}",
            cause="Sums are held as int64.",
        )
    return width
