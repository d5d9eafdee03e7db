"""Bound of gelu, in both forms, on absolute values of the published formulas.

Exact form, x (1 + f) / 2 with f = erf(x / sqrt(2)): the argument is off by 2 u (constant, product),
which the error function does not enlarge (|t f'(t)| <= |f(t)|), its accuracy is s; the addition and
the product round: gamma(s + 4) C with C = |x| (1 + |f|) / 2. refnet computes x Q(|x|), Q the upper
tail, off by at most 3 s + 8 (two exponentials, the constant, the sum of positive terms whose own
weights are exponentials, three products), and takes it from x on the right. Q is at most 1/4
outside the middle, which has the formula above, and C at least |x| / 2, so it is inside.

Its VJP is dy (Phi + x phi): Phi is off by gamma(s + 3) (1 + |f|) / 2, x phi by the exponential of
x^2 / 2, whose rounding counts x^2 / 2 times, the constant and two products; the sum and dy round.

With tanh, x (1 + t) / 2, t = tanh(v), v = k (x + c x^3): v is a sum of terms of one sign, off by
gamma(6), and so e = exp(-2 |v|) by s + 12 |v|. refnet's x e / (1 + e), on the left, is off by
(s + 12 |v|) / (1 + e) + 3 relative to itself, on the right by e times as much. With
4 e / (1 + e)^2 = 1 - t^2 that is at most (s + 3) C + 3 |x v| (1 - t^2), C = |x| (1 + |t|) / 2, in
units of u. The published formula, s |t| and 6 |v| (1 - t^2) for t and two roundings, has no more.

Its VJP is dy ((1 + t) / 2 + x v' (1 - t^2) / 2). The first part has the error above and one product
more. v' is off by gamma(5), and 1 - t^2, which refnet computes as 4 e / (1 + e)^2, by
(s + 12 |v|) |t| + 4 relative to itself; as published, by 2 |t| times the error of t and a rounding.
The limit has both.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound

K, CUBIC = math.sqrt(2 / math.pi), 0.044715


def _gelu(a: Arithmetic, y: Array, x: Array, *, approximate: str) -> Any:
    size = np.abs(_finite(x))
    if approximate == "none":
        return size * a.gamma(ELEMENTARY + 4) * (1 + np.abs(_erf(x))) / 2 + 2 * a.eta
    v, t = _tanh(x)
    error = a.gamma(ELEMENTARY + 3) * (1 + np.abs(t)) + a.gamma(6) * np.abs(v) * (1 - t * t)
    return size * error / 2 + size * a.elementary_eta + a.eta


def _gelu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, approximate: str) -> Any:
    c = _finite(x)
    size, scale = np.abs(c), np.abs(dy)
    if approximate == "none":
        cdf = (1 + np.abs(_erf(x))) / 2
        density = size * np.exp(-c * c / 2) / math.sqrt(2 * math.pi)
        error = a.gamma(ELEMENTARY + 5) * cdf + a.gamma(ELEMENTARY + c * c / 2 + 6) * density
    else:
        v, t = _tanh(x)
        slope, rest = K * (1 + 3 * CUBIC * c * c), 1 - t * t
        of_v = a.gamma(6) * np.abs(v) * rest
        first = a.gamma(ELEMENTARY + 5) * (1 + np.abs(t)) + of_v
        second = 2 * np.abs(t) * (a.gamma(ELEMENTARY) * np.abs(t) + of_v)
        error = (first + size * slope * (second + a.gamma(ELEMENTARY + 12) * rest)) / 2
    return [scale * error + (1 + scale) * (1 + size) * (a.elementary_eta + 2 * a.eta)]


def _finite(x: Array) -> Array:
    """Return x, limited where both forms are 0 or x to the last digit of any oracle."""
    return np.clip(x, -64, 64)


def _erf(x: Array) -> Array:
    values = [math.erf(float(v)) for v in (_finite(x) / math.sqrt(2)).ravel()]
    return np.array(values, np.float64).reshape(x.shape)


def _tanh(x: Array) -> tuple[Array, Array]:
    c = _finite(x)
    v = K * (c + CUBIC * c * c * c)
    return v, np.tanh(v)


bound("gelu", _gelu, _gelu_vjp)
