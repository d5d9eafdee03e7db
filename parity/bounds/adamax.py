"""Bound of AdaMax's updates.

The norm is a maximum of what decays and of |g|, which moves by no more than the larger of their
errors; eps stands in the maximum or beside it, and is below the norm in either place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, fraction, largest, product
from parity.bounds.updates import U64, At, Limits, blended, moved, with_eps


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters, averages and norms after each update."""
    slots = {"exp_avg": 0.0, "exp_inf": 0.0}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o = at.a, at.o
    m = slots["exp_avg"] = blended(at, slots["exp_avg"], g, o["beta1"])
    size = Running(np.abs(g.v), g.e)
    kept = product(a, at.scalar(o["beta2"]), slots["exp_inf"])
    if o["eps_in_maximum"]:
        size, low = with_eps(at, size, o["eps"])
        norm = slots["exp_inf"] = largest(kept, size)
    else:
        slots["exp_inf"] = largest(kept, size)
        norm, low = with_eps(at, slots["exp_inf"], o["eps"])
    first = at.correction(o["beta1"])
    rate = at.lr.v / first.v
    lr = at.scalar(rate, rate * (first.e / first.v + 2 * U64) + at.lr.e / first.v)
    return moved(at, p, fraction(a, [lr, m], norm, low))
