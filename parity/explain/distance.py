"""How far two sets of values are apart, on the scale of rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parity.backends.base import Values
from parity.trace.distance import rms
from parity.trajectory.twins import TwinError


def beyond_rounding(
    got: Values, exact: Values, rounded: Sequence[Values], u: float
) -> tuple[float, str]:
    """Return the largest lockstep ratio of ``got``, and the name of its tensor.

    ``exact`` is the same in wider precision, ``rounded`` what rounding makes of it.

    Raises
    ------
    TwinError
        If rounding leaves the finite numbers: then there is no scale.
    """
    worst, name = 0.0, ""
    for key, wanted in exact.items():
        if not wanted.size:
            continue
        scale = [rms(r[key].astype(wanted.dtype) - wanted) for r in rounded]
        if not np.isfinite(scale).all():
            raise TwinError("a step left the finite numbers")
        allowed = max(scale) + u * rms(wanted)
        gap = rms(got[key].astype(wanted.dtype) - wanted) if key in got else math.inf
        found = gap / allowed if allowed else (math.inf if gap else 0.0)
        if not found <= worst:
            worst, name = (found if found == found else math.inf), key
    return worst, name


def multiple_of(got: Values, exact: Values) -> float:
    """Return the multiple of ``exact`` that is nearest to ``got``.

    A whole number, or one over a whole number, is taken where it is within 1e-4: that is what
    people slip by.

    Examples
    --------
    >>> multiple_of({"w": np.array([2.00001, 4.0])}, {"w": np.array([1.0, 2.0])})
    2.0
    """
    up = math.fsum(float(np.vdot(got[k].astype(exact[k].dtype), exact[k])) for k in exact)
    down = math.fsum(float(np.vdot(g, g)) for g in exact.values())
    factor = up / down if down else math.nan
    if not math.isfinite(factor) or not factor:
        return factor
    small = 1e-9 < abs(factor) < 1
    candidates = (round(factor), 1 / round(1 / factor) if small else 0)
    return next(
        (float(c) for c in candidates if c and math.isclose(factor, c, rel_tol=1e-4)), factor
    )


def printed_alike(a: Values, b: Values) -> bool:
    """Return whether values that both have are the same when they are printed to 3 decimals.

    Examples
    --------
    >>> printed_alike({"w": np.array([0.5601])}, {"w": np.array([0.5603])})
    True
    >>> printed_alike({"w": np.array([0.5601])}, {"w": np.array([0.5609])})
    False
    """
    for k in b:
        mine, theirs = (np.round(v[k].astype(np.float64), 3) for v in (a, b))
        if not np.array_equal(mine, theirs, equal_nan=True):
            return False
    return True
