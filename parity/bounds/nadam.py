"""Bound of Nadam's updates.

The products of mu are t + 1 factors of some roundings each, or what PyTorch keeps in float32 where
the parameters are no wider. The gradient's and the average's part are one sum over the root, or two
steps of their own: the sum, and rates that meet it after it, are three further roundings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.bounds import updates
from parity.bounds.base import Array
from parity.bounds.running import Running, exact, fraction
from parity.bounds.updates import U64, At, Limits, blended, moved, over, root_with_eps

# Roundings of mu_t: its power within an ulp, two products, the difference, the product with beta1;
# and those that the power makes of its base and its exponent, both of which are rounded.
OF_MU = 6


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
) -> list[Limits]:
    """Return the limits on parameters and moments after each update."""
    slots = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
    return updates.limits(dtype, params, grads, options, _rule, slots)


def _rule(at: At, p: Running, g: Running, slots: dict[str, Running]) -> Running:
    o = at.o
    m = slots["exp_avg"] = blended(at, slots["exp_avg"], g, o["beta1"])
    v = slots["exp_avg_sq"] = blended(at, slots["exp_avg_sq"], g, o["beta2"], square=True)
    mu, following = _mu(at, at.t), _mu(at, at.t + 1)
    error: Any = (OF_MU + 2 * (at.t + 1) * (o["schedule_decay"] or 0)) * U64  # of a mu, relative
    done: Any = np.prod([_mu(at, k) for k in range(1, at.t + 1)])
    off = done * at.t * (error + U64 + max(at.a.inner, U64))
    now = _part(1 - mu, error * mu, Running(1 - done, off + U64))
    ahead = _part(
        following,
        error * following,
        Running(1 - done * following, off * following + error + 2 * U64),
    )
    second = at.correction(o["beta2"])
    scale = exact(np.asarray(at.one))
    if o["eps_before_correction"]:
        scale = Running(np.sqrt(second.v), second.e / np.sqrt(second.v) + U64)
    else:
        v = over(at, v, second)
    root, low = root_with_eps(at, v, o["eps"], 0.0)
    for part, x in ((now, g), (ahead, m)):
        rate = at.lr.v * part.v * scale.v
        error = rate * (part.e / part.v + scale.e / scale.v + 4 * U64)
        lr = at.scalar(rate, error + at.lr.e * part.v * scale.v)
        p = moved(at, p, fraction(at.a, [lr, x], root, low, further=3))
    return p


def _mu(at: At, t: int) -> Any:
    beta1, decay = at.one * at.o["beta1"], at.o["schedule_decay"]
    if decay is None:
        return beta1
    return beta1 * (1 - 0.5 * (at.one * 0.96) ** (t * at.one * decay))


def _part(v: Any, e: Any, below: Running) -> Running:
    """Return v, off by e, over a number."""
    quotient = v / below.v
    return Running(quotient, (e + quotient * below.e) / below.v + 2 * U64 * quotient)
