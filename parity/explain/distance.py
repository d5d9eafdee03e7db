"""How far two sets of values are apart, on the scale of rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parity.backends.base import Array, Values


def beyond_rounding(
    got: Values, exact: Values, rounded: Sequence[Values], u: float
) -> tuple[float, str]:
    """Return the largest lockstep ratio of ``got``, and the name of its tensor.

    ``exact`` is the same in wider precision, ``rounded`` what rounding makes of it.
    """
    worst, name = 0.0, ""
    for key, wanted in exact.items():
        if not wanted.size:
            continue
        scale = max(_rms(r[key].astype(wanted.dtype) - wanted) for r in rounded)
        allowed = scale + u * _rms(wanted)
        gap = _rms(got[key].astype(wanted.dtype) - wanted) if key in got else math.inf
        found = gap / allowed if allowed else (math.inf if gap else 0.0)
        if not found <= worst:
            worst, name = (found if found == found else math.inf), key
    return worst, name


def _rms(a: Array) -> float:
    return float(np.sqrt(np.mean(np.square(a))))
