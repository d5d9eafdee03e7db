"""How far two sets of values are apart, absolutely and on the scale of rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence

from parity.backends.base import Values
from parity.trajectory.lockstep import allowances, ratio


def beyond_rounding(
    got: Values, exact: Values, rounded: Sequence[Values], u: float
) -> tuple[float, str]:
    """Return the largest lockstep ratio of ``got``, and the name of its tensor.

    ``exact`` is the same in wider precision, ``rounded`` what rounding makes of it.
    """
    worst, name = 0.0, ""
    for key, wanted in exact.items():
        allowed = allowances(wanted, [r[key] for r in rounded], u)
        found = ratio(got.get(key), wanted, allowed)
        if found > worst:
            worst, name = found, key
    return worst, name
