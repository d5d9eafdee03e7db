"""Bound of softplus, on the published formula.

Forward, log1p(e) / b with e = exp(b x): b rounds, and the product, so e is off by s + 2 |b x| in
units of u, which log1p makes e / (1 + e) times that; log1p adds s of itself, the quotient rounds
(twice, with b). refnet's max(x, 0) + log1p(exp(-b |x|)) / b is off by as much of its second part
alone, which is at most the whole, and rounds the sum: gamma(s + 3) y + gamma(s + 2 |b x|) e /
((1 + e) b).

VJP, dy m / (1 + z) with z = exp(-b |x|) and m = 1 or z: z is off by s + 2 |b x|, at most 3/2 times
in all where it is m, and by z / (1 + z) where it is not; sum, quotient and product round.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound


def _softplus(a: Arithmetic, y: Array, x: Array, *, beta: float) -> Any:
    s, error = _exponential(a, x, beta)
    return a.gamma(ELEMENTARY + 3) * y + s * error / beta + 2 * a.elementary_eta / beta + a.eta


def _softplus_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, beta: float) -> Any:
    _, error = _exponential(a, x, beta)
    size = np.abs(dy)
    z = np.exp(-beta * np.abs(x))
    share = np.where(x > 0, z, 1) / (1 + z)
    relative = share * error + a.gamma(3)
    return [relative * np.abs(cotangents[0]) + (1 + size) * (2 * a.elementary_eta + 2 * a.eta)]


def _exponential(a: Arithmetic, x: Array, beta: float) -> tuple[Array, Array]:
    """Return 1 / (1 + exp(-b x)), and the relative error of an exponential of b x that is not 0."""
    exponent = np.minimum(beta * np.abs(x), 2.0**15)
    rounded = 0 if beta == 1 else 2 * exponent
    return 1 / (1 + np.exp(-beta * x)), a.gamma(ELEMENTARY + rounded)


bound("softplus", _softplus, _softplus_vjp)
