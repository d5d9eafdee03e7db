"""Bound of mish.

Forward. y = c t, where t = tanh(log(1 + w)) is a fraction of w = exp(x). A relative error of w is
one of at most the same size of t: its factor w t'(w) / t is 2 (1 + w) / ((w + 2) (w^2 / 2 + w + 1))
<= 1. refnet computes w, or 1/w, from exp(-|x| / 2), off by 2 s + 1 (s the accuracy of exp), and the
fraction from terms of one sign by 8 roundings: gamma(2 s + 9) |y|. Where the exponential is
subnormal, y is 0.

VJP. dy (t + x q), q = 4 w (1 + w) / (w (w + 2) + 2)^2, from exp(-|x|): t is off by s + 7, q, whose
factor is at most 2, by 2 s + 12; a product, the sum and the product with dy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound


def _mish(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(2 * ELEMENTARY + 9) * np.abs(y) + 2 * a.eta


def _mish_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    size, scale = np.minimum(np.abs(x), 2.0**15), np.abs(dy)
    e = np.exp(-size)
    right = x >= 0
    bottom = np.where(right, 1 + 2 * e + 2 * e * e, e * e + 2 * e + 2)
    t = np.where(right, 1 + 2 * e, e * (e + 2)) / bottom
    slope = 4 * e * np.where(right, e, 1) * (1 + e) / bottom**2
    error = a.gamma(ELEMENTARY + 9) * t + a.gamma(2 * ELEMENTARY + 15) * size * slope
    return [scale * error + (1 + scale) * (1 + size) * (4 * a.elementary_eta + 4 * a.eta)]


bound("mish", _mish, _mish_vjp)
