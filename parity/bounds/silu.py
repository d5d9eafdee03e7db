"""Bound of silu.

Forward. y = c m^2 / (1 + h^2) with h = exp(-|x| / 2), m = 1 or h: m^2 is off by 2 s u (s the
accuracy of exp), with two products 2 u; h^2 by (2 s + 1) u, which 1 + h^2 halves at least; the sum
and the division round: gamma(3 s + 5) |y|. Where h is subnormal, y is 0.

VJP. dy s (1 + x r) with s = m / (1 + z), r = 1 - s computed as a quotient too: each is off by
gamma(1.5 s + 2), as in the sigmoid's bound. x r is off by one product more, the sum rounds, and two
products: |dy| s (1 + |x| r) (2 (1.5 s + 2) + 4) u.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound


def _silu(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(3 * ELEMENTARY + 5) * np.abs(y) + 2 * a.eta


def _silu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    size, scale = np.minimum(np.abs(x), 2.0**15), np.abs(dy)
    s, rest = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    error = a.gamma(3 * ELEMENTARY + 8) * s * (1 + size * rest)
    return [scale * error + (1 + scale) * (1 + size) * (a.elementary_eta + 2 * a.eta)]


bound("silu", _silu, _silu_vjp)
