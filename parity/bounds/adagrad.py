"""Bound of AdaGrad's updates.

The sum of squares only grows, so its errors do: at each update those of g^2 and of the sum. Its
root, with eps beside it or inside, is never below what eps alone gives, which bounds the quotient
where the sum is near 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, fraction, plus, product
from parity.bounds.updates import U64, At, Limits, moved, root_with_eps


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters and sums after each update."""
    slots = {"sum": options["initial_accumulator"]}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o = at.a, at.o
    total = slots["sum"] = plus(a, slots["sum"], product(a, g, g))
    rate = at.lr.v / (1 + (at.t - 1) * at.one * o["lr_decay"])
    lr = at.scalar(rate, rate * (4 * U64) + at.lr.e)
    outside, inside = (0.0, o["eps"]) if o["eps_inside"] else (o["eps"], 0.0)
    root, low = root_with_eps(at, total, outside, inside)
    return moved(at, p, fraction(a, [lr, g], root, low))
