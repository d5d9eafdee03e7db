"""The error function and its complement in any float dtype, which NumPy lacks.

Around 0 the Taylor series

    erf(x) = 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1)),    |x| < 1/2,

beyond it the trapezoidal rule for erfc's integral, corrected by the residue at its pole (Matta &
Reichel 1971, "Uniform computation of the error function and other related functions"; Hunter &
Regan 1972, "A note on the evaluation of the complementary error function"): with a step h

    exp(x^2) erfc(x) = h/(pi x) + sum 2 h x exp(-n^2 h^2) / (pi (n^2 h^2 + x^2))
                       - [x < pi/h] 2 exp(x^2 - 2 pi x/h) / (1 - exp(-2 pi x/h))

up to a relative exp(-pi^2/h^2). All terms of the sum are positive and the correction is at most a
twentieth of it, so nothing cancels. The step and the numbers of terms follow from the dtype: 8 and
7 terms in float32, 13 and 13 in float64, 15 and 15 in the 64 bits of an x86 longdouble.

Complex arguments near the real axis are for complex step; branches look at the real part.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.real_parts import absolute, limited

PI = np.longdouble("3.14159265358979323846264338327950288420")
# Beyond it exp(-x^2 / 2) is 0 in every dtype, that of the widest exponent included.
LARGE = 160.0
NEAR = 0.5  # where the series ends


class _Terms(NamedTuple):
    """The constants of both formulas in one dtype."""

    series: tuple[Any, ...]  # the highest power first
    first: Any  # h / pi
    squares: tuple[Any, ...]  # n^2 h^2
    weights: tuple[Any, ...]  # 2 h/pi exp(-n^2 h^2)
    rate: Any  # 2 pi / h
    split: Any  # 2^k + 1, k half the digits


def erf(x: Array) -> Array:
    """Return erf(x) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x; a new array.

    x is float32, float64, longdouble or complex. The error is a few ulp everywhere.

    Examples
    --------
    >>> erf(np.array([-0.0, 0.5, 3.0, np.inf]))
    array([-0.        , 0.52049988, 0.99997791, 1.        ])
    """
    near, far, right = _pieces(x)
    return np.asarray(np.where(np.abs(x.real) < NEAR, near, np.where(right, 1 - far, far - 1)))


def erfc(x: Array) -> Array:
    """Return erfc(x) = 1 - erf(x), without the cancellation; a new array.

    The error is a few ulp, also where the result is tiny, and a few of the smallest subnormal
    where it underflows.

    Examples
    --------
    >>> erfc(np.array([-np.inf, 0.0, 3.0, 20.0, 30.0]))
    array([2.00000000e+000, 1.00000000e+000, 2.20904970e-005, 5.39586561e-176, 0.00000000e+000])
    """
    near, far, right = _pieces(x)
    return np.asarray(np.where(np.abs(x.real) < NEAR, 1 - near, np.where(right, far, 2 - far)))


def scaled_erfc(x: Array) -> Array:
    """Return exp(x^2) erfc(x) for x >= 1/2, and its value at 1/2 below; a new array."""
    t = _terms(x.real.dtype)
    a = np.atleast_1d(limited(x, NEAR, LARGE))
    z = a * a
    total = np.zeros_like(a)
    for square, weight in zip(t.squares, t.weights, strict=True):
        term = z + square
        total += np.divide(weight, term, out=term)
    total *= a
    total += t.first / a
    # Beyond the pole's range the exponents are the same as at its end; they are not used.
    b = limited(a, NEAR, float(t.rate) / 2)
    pole = 2 * np.exp(b * (b - t.rate)) / (1 - np.exp(-t.rate * b))
    total -= np.where(a.real < t.rate / 2, pole, 0)
    return total.reshape(x.shape)


def gaussian(x: Array, *, half: bool = False) -> Array:
    """Return exp(-x^2), or exp(-x^2 / 2) if ``half``; a new array.

    The square's rounding alone would cost x^2 u; so x is split into a head, whose square is exact
    (Dekker 1971), and a tail.
    """
    x = limited(x, -LARGE, LARGE)
    c = x.real * _terms(x.real.dtype).split
    head = c - (c - x.real)
    high, low = -head * head, (head - x) * (head + x)
    if half:
        high, low = high / 2, low / 2
    return np.asarray(np.exp(high) * np.exp(low))


def _pieces(x: Array) -> tuple[Array, Array, Array]:
    """Return erf(x) where x is small, erfc(|x|) where it is not, and whether x is right of 0."""
    t = _terms(x.real.dtype)
    small = limited(x, -NEAR, NEAR)
    z = small * small
    series = t.series[0] * z
    for c in t.series[1:-1]:
        series = (series + c) * z
    far = gaussian(x) * scaled_erfc(absolute(x))
    return (series + t.series[-1]) * small, far, x.real >= 0


@lru_cache(maxsize=8)
def _terms(dtype: np.dtype[Any]) -> _Terms:
    digits = np.finfo(dtype).nmant + 1
    cast = dtype.type
    # exp(-pi^2/h^2) <= 2^-(digits + 4), and a step of few digits, so that n^2 h^2 is exact.
    step = math.floor(64 * math.pi / math.sqrt((digits + 4) * math.log(2))) / 64
    count = math.ceil(math.sqrt((digits + 2) * math.log(2)) / step)
    squares = [np.longdouble(n * step) ** 2 for n in range(1, count + 1)]
    h = np.longdouble(step)
    series = [2 / np.sqrt(PI)]
    n = 0
    while abs(series[-1]) * NEAR ** (2 * n) > 2.0 ** -(digits + 2):
        n += 1
        # (-1)^n / n! (2n + 1), from the one before it
        series.append(-series[-1] * (2 * n - 1) / (np.longdouble(n) * (2 * n + 1)))
    return _Terms(
        series=tuple(map(cast, reversed(series))),
        first=cast(h / PI),
        squares=tuple(map(cast, squares)),
        weights=tuple(cast(2 * h / PI * np.exp(-s)) for s in squares),
        rate=cast(2 * PI / h),
        split=cast(2 ** ((digits + 1) // 2) + 1),
    )
