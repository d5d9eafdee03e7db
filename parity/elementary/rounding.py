"""Exact values on the grid of a format: what they round to, and where between its numbers they lie.

An exact value is known to some 80 bits at first, and to some 460 where these cannot tell which of
two numbers is nearer. What is a tie then is taken for one, as x^2 may be. gelu(x), just above
x / 2, can be one in appearance only, and in bfloat16 it takes 133 bits to see that.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import copysign, inf, isinf, isnan, ldexp, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.elementary.functions import Function
from parity.floats import finfo
from refnet.errors import MissingDependencyError

PRECISIONS = (100, 480)
DOUBTFUL = 20  # bits that a formula's rounding errors may reach
BEYOND = 1000  # the binary exponent from where on a value is infinite in any half type


class Format(NamedTuple):
    """A binary format: digits, the exponent of its smallest subnormal number, its largest."""

    digits: int
    least: int
    largest: float

    @classmethod
    def of(cls, dtype: str) -> Format:
        """Return the format of a dtype."""
        info = finfo(dtype)
        smallest = np.frexp(np.float64(info.smallest_subnormal))[1] - 1
        return cls(int(info.nmant) + 1, int(smallest), float(info.max))


class Place(NamedTuple):
    """An exact value t in a format: ``(floor + rest) ulp``, and the number that it rounds to.

    The ulp is that of t (below the normal numbers that of the subnormal ones), |rest| <= 1 and of
    t's sign. What is at least half an ulp above the largest number rounds to infinity, as IEEE 754
    has it; where t is NaN, infinite or rounds to infinity, ulp is NaN.
    """

    rounded: float
    floor: float
    rest: float
    ulp: float


class Placed(NamedTuple):
    """The places of many values, each field an array of float64."""

    rounded: NDArray[Any]
    floor: NDArray[Any]
    rest: NDArray[Any]
    ulp: NDArray[Any]

    @property
    def zero(self) -> NDArray[Any]:
        """Where the exact value is 0, not one that rounds to it."""
        return np.asarray((self.floor == 0) & (self.rest == 0))

    def error(self, got: NDArray[Any]) -> NDArray[Any]:
        """Return the errors of values in ulp of the exact ones; NaN where either is not finite."""
        with np.errstate(all="ignore"):
            found = np.abs((got / self.ulp - self.floor) - self.rest)
        return np.where(np.isfinite(got), found, nan)


def exactly(f: Function, x: Iterable[float], dtype: str) -> Placed:
    """Return the places of f(x) in a dtype.

    Raises
    ------
    MissingDependencyError
        If mpmath is not installed.
    """
    form, m = Format.of(dtype), _context()
    return Placed(*map(np.array, zip(*(_place_of(f, v, form, m) for v in x), strict=True)))


def _context() -> Any:
    """Return a context of mpmath, whose precision is nobody else's."""
    try:
        import mpmath
    except ImportError as error:
        raise MissingDependencyError(
            "elementary",
            got="no mpmath",
            needs="it, for the exact values",
            cause="python -m pip install mpmath",
        ) from error
    return mpmath.mp.clone()


def _place_of(f: Function, x: float, form: Format, m: Any) -> Place:
    if isnan(x):
        return _nowhere(nan)
    if isinf(x):
        return place(m.mpf(f.ends[x > 0]), form)[0]
    if x == 0 and f.pole:
        return _nowhere(f.pole[copysign(1, x) > 0])
    for bits in PRECISIONS:
        m.prec = bits
        found, margin = place(f.formula(m, m.mpf(x)), form)
        if margin > DOUBTFUL - bits:
            break
    return found


def place(t: Any, form: Format) -> tuple[Place, float]:
    """Return the place of t, and its relative distance from the nearest tie as a power of two.

    A tie itself is at the distance 2^-inf.

    Examples
    --------
    >>> import mpmath
    >>> place(mpmath.mpf(2) ** -24 * 2.5, Format.of("float16"))
    (Place(rounded=1.1920928955078125e-07, floor=2.0, rest=0.5, ulp=5.960464477539063e-08), -inf)
    """
    if not t:
        return Place(0.0, 0.0, 0.0, ldexp(1, form.least)), inf
    man, exp = t.man_exp
    if not man:  # NaN and infinities
        return _nowhere(float(t)), inf
    size = man.bit_length()
    if exp + size > BEYOND:
        return _nowhere(inf if t > 0 else -inf), inf
    q = max(exp + size - form.digits, form.least)
    sign, shift = (1 if t > 0 else -1), q - exp
    if shift <= 0:
        floor, rest, gap, margin = man << -shift, 0.0, -1, inf
    elif shift > size + BEYOND:  # next to zero; the integers below would be long
        floor, rest, gap, margin = 0, 0.0, -1, inf
    else:
        floor, below = man >> shift, man & ((1 << shift) - 1)
        rest, gap = below / (1 << shift), 2 * below - (1 << shift)
        margin = float(abs(gap).bit_length() - size) if gap else -inf
    nearest = floor + (gap > 0 or (gap == 0 and floor % 2))
    rounded = ldexp(nearest, q)
    if rounded > form.largest:
        return _nowhere(sign * inf), margin
    return Place(sign * rounded, float(sign * floor), sign * rest, ldexp(1, q)), margin


def _nowhere(value: float) -> Place:
    return Place(value, nan, nan, nan)
