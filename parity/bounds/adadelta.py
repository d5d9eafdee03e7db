"""Bound of AdaDelta's updates.

Both moving averages have eps inside their roots, so neither root is below sqrt(eps) and the
quotient of the two is always known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, fraction, product
from parity.bounds.updates import At, Limits, blended, moved, root_with_eps


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters and both averages after each update."""
    slots = {"square_avg": 0.0, "acc_delta": 0.0}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o = at.a, at.o
    square = slots["square_avg"] = blended(at, slots["square_avg"], g, o["rho"], square=True)
    below, low = root_with_eps(at, square, 0.0, o["eps"])
    above, _ = root_with_eps(at, slots["acc_delta"], 0.0, o["eps"])
    delta = fraction(a, [above, g], below, low)
    slots["acc_delta"] = blended(at, slots["acc_delta"], delta, o["rho"], square=True)
    return moved(at, p, product(a, at.scalar(at.lr.v, at.lr.e), delta))
