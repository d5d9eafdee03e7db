"""Bound of the Kullback-Leibler divergence.

An element t (l - x), l = log t: the logarithm is off by s u |l|, the difference and the product
round: t (gamma(s + 2) |l| + gamma(2) |x|). From logarithms t = exp(l), off by s u, which the whole
element has, while l itself is given: t gamma(s + 2) (|l| + |x|). Reductions round n times.

VJP in x, -g t: g, the product, and exp. In t, g (l - x + 1): s u |l|, and g, two sums and the
product: gamma(4) (|l| + |x| + 1); who differentiates t log t by parts has g t / t, whose product
may underflow: eta / t. In l, g t (l - x + 1): gamma(s + 5) of the same. Where t is 0 all of it is
exactly 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound, per_reduction, spread


def _parts(x: Array, t: Array, log_target: bool) -> tuple[Array, Array, Array, Array]:
    """Return t, |log t| and |x|, both 0 where t is 0, and where it is not."""
    present = ~np.isneginf(t) if log_target else t != 0
    logs = t if log_target else np.log(t)
    probs = np.exp(t) if log_target else t
    return probs, np.where(present, np.abs(logs), 0), np.where(present, np.abs(x), 0), present


def _kl_div(
    a: Arithmetic, y: Array, x: Array, t: Array, *, log_target: bool, reduction: str
) -> Any:
    probs, logs, size, present = _parts(x, t, log_target)
    rows = reduction == "mean_rows"
    added = per_reduction("mean" if rows else reduction, np.zeros(1), x.size)[1]
    if log_target:
        terms = a.gamma(ELEMENTARY + 2 + added) * (logs + size)
    else:
        terms = a.gamma(ELEMENTARY + 2 + added) * logs + a.gamma(2 + added) * size
    # An exponential may be subnormal.
    lost = np.where(present, a.elementary_eta * (logs + size) + a.eta, a.eta)
    elements = np.where(present, probs * terms, 0) + lost
    total = per_reduction("sum" if rows else reduction, elements, x.size)[0]
    return total / max(len(x), 1) + a.eta if rows else total + a.eta


def _kl_div_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    t: Array,
    *,
    log_target: bool,
    reduction: str,
) -> Any:
    probs, logs, size, present = _parts(x, t, log_target)
    g, added = (
        spread("mean", dy, len(x)) if reduction == "mean_rows" else spread(reduction, dy, x.size)
    )
    exp = ELEMENTARY if log_target else 0
    eta = a.elementary_eta if log_target else a.eta
    dx = a.gamma(exp + 1 + added) * g * probs + (1 + g) * eta
    if log_target:
        dt = g * probs * a.gamma(ELEMENTARY + 4 + added) * (logs + size + 1)
    else:
        dt = g * (a.gamma(ELEMENTARY + 3 + added) * logs + a.gamma(3 + added) * (size + 1))
        dt = dt + a.eta / t
    return dx, np.where(present, dt + (1 + g) * eta * (logs + size + 2), a.eta)


bound("kl_div", _kl_div, _kl_div_vjp)
