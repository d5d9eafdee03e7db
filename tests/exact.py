"""Floats as mpmath numbers, and errors against mpmath in units of roundoff."""

from __future__ import annotations

import mpmath
import numpy as np


def exact(v):
    """Return a float of any dtype as the mpmath number that it is."""
    digits = np.format_float_scientific(np.longdouble(v), precision=60, unique=False, trim="-")
    return mpmath.mpf(digits)


def roundoffs(y, x, function, *, floor=8):
    """Return the largest error of y = function(x), in units of roundoff relative to the value.

    ``function`` takes and returns mpmath numbers. A value below the normal numbers may be off by
    ``floor`` of the smallest subnormal, above that the error counts as infinite.
    """
    info = np.finfo(y.dtype)
    u, tiny, smallest = (exact(v) for v in (info.eps / 2, info.tiny, info.smallest_subnormal))
    worst = mpmath.mpf(0)
    with mpmath.workdps(60):
        for got, at in zip(y.ravel(), x.ravel(), strict=True):
            true = function(exact(at))
            gap = abs(exact(got) - true)
            if abs(true) >= tiny:
                worst = max(worst, gap / (u * abs(true)))
            elif gap > floor * smallest:
                return np.inf
    return float(worst)
