"""Bound of SGD's updates, with momentum in all its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, plus, product
from parity.bounds.updates import At, Limits, moved


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters, buffers and gradient points after each update."""
    slots = {"momentum_buffer": 0.0} if options["momentum"] else {}
    return updates.limits(dtype, params, grads, options, _rule, slots, _point)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o, lr = at.a, at.o, at.scalar(at.lr.v, at.lr.e)
    if o["lr_inside"]:
        g = product(a, lr, g)
    direction = g
    if o["momentum"]:
        v, momentum = slots["momentum_buffer"], at.scalar(o["momentum"])
        if at.t == 1 and o["first_buffer"] == "gradient":
            v = g
        else:
            v = plus(a, product(a, momentum, v), product(a, at.complement(o["dampening"]), g))
        slots["momentum_buffer"] = v
        direction = plus(a, g, product(a, momentum, v)) if o["nesterov"] else v
    return moved(at, p, direction if o["lr_inside"] else product(a, lr, direction))


def _point(at: At, p: Running, slots: dict[str, Running]) -> Running:
    if not at.o["lookahead"]:
        return p
    factors = [at.scalar(at.o["momentum"]), slots["momentum_buffer"]]
    if not at.o["lr_inside"]:
        factors.append(at.scalar(at.lr.v, at.lr.e))
    return moved(at, p, product(at.a, *factors))
