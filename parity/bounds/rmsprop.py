"""Bound of RMSProp's updates, centred or not.

The centred variance v - m^2 cancels: what v and m are off by, and the rounding of m^2, stay while
the difference shrinks, and the limit of its root grows as it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, fraction, minus, plus, product
from parity.bounds.updates import At, Limits, blended, moved, root_with_eps


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters, averages and buffers after each update."""
    slots = {"square_avg": options["initial_accumulator"]}
    slots |= {"momentum_buffer": 0.0} if options["momentum"] else {}
    slots |= {"grad_avg": 0.0} if options["centered"] else {}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o, lr = at.a, at.o, at.scalar(at.lr.v, at.lr.e)
    square = slots["square_avg"] = blended(at, slots["square_avg"], g, o["rho"], square=True)
    if o["centered"]:
        mean = slots["grad_avg"] = blended(at, slots["grad_avg"], g, o["rho"])
        square = minus(a, square, product(a, mean, mean))
    outside, inside = (0.0, o["eps"]) if o["eps_inside"] else (o["eps"], 0.0)
    root, low = root_with_eps(at, square, outside, inside)
    if not o["momentum"]:
        return moved(at, p, fraction(a, [lr, g], root, low))
    step = fraction(a, [lr, g] if o["lr_inside"] else [g], root, low)
    kept = product(a, at.scalar(o["momentum"]), slots["momentum_buffer"])
    buffer = slots["momentum_buffer"] = plus(a, kept, step)
    return moved(at, p, buffer if o["lr_inside"] else product(a, lr, buffer))
