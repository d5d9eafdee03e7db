"""Bound of Adam's updates, with AMSGrad, decoupled decay and every place of its epsilons.

The corrections divide the averages, or multiply the rate, or divide the root by their own root:
as scalars they bring in what they are off by, and a rounding each time that they meet an array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, exact, fraction, largest
from parity.bounds.updates import U64, At, Limits, blended, moved, over, root_with_eps


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters and moments after each update."""
    slots = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
    slots |= {"max_exp_avg_sq": 0.0} if options["amsgrad"] else {}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    a, o = at.a, at.o
    m = slots["exp_avg"] = blended(at, slots["exp_avg"], g, o["beta1"])
    v = slots["exp_avg_sq"] = blended(at, slots["exp_avg_sq"], g, o["beta2"], square=True)
    first = second = exact(np.asarray(at.one))
    if o["bias_correction"]:
        first, second = at.correction(o["beta1"]), at.correction(o["beta2"])
    corrected = o["amsgrad"] and o["amsgrad_corrected"]
    if corrected:
        v, second = over(at, v, second), exact(np.asarray(at.one))
    if o["amsgrad"]:
        v = slots["max_exp_avg_sq"] = largest(slots["max_exp_avg_sq"], v)
    scale, off = 1 / first.v, first.e / first.v
    if o["eps_before_correction"]:
        scale, off = scale * np.sqrt(second.v), off + second.e / second.v
    else:
        v = over(at, v, second)
    rate = at.lr.v * scale
    lr = at.scalar(rate, rate * (off + 4 * U64) + at.lr.e * scale)
    root, low = root_with_eps(at, v, o["eps"], o["eps_root"])
    # The largest corrected average may be uncorrected again.
    return moved(at, p, fraction(a, [lr, m], root, low, further=2 * corrected))
