"""Bounds of leaky_relu and prelu.

Where x > 0 values are copied. Elsewhere there is one product, and leaky_relu's slope is rounded to
the dtype first: gamma(2) |y|. The cotangent of prelu's slopes sums n products in any order:
gamma(n) sum |dy x| (Higham 2002, eq. 3.5).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed


def _below(x: Array, limit: Any) -> Any:
    return np.where(x > 0, 0, limit)


def _leaky_relu(a: Arithmetic, y: Array, x: Array, **_: Any) -> Any:
    return _below(x, a.gamma(2) * np.abs(y) + a.eta)


def _leaky_relu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **_: Any) -> Any:
    return [_below(x, a.gamma(2) * np.abs(cotangents[0]) + a.eta)]


def _prelu(a: Arithmetic, y: Array, x: Array, slopes: Array) -> Any:
    return _below(x, a.gamma(1) * np.abs(y) + a.eta)


def _prelu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, slopes: Array) -> Any:
    shared = () if slopes.shape == (1,) else slopes.shape
    terms, n = summed(_below(x, np.abs(dy * x)), shared)
    da = a.gamma(n) * terms + n * a.eta
    dx = _below(x, a.gamma(1) * np.abs(cotangents[0]) + a.eta)
    return dx, da.reshape(slopes.shape)


bound("leaky_relu", _leaky_relu, _leaky_relu_vjp)
bound("prelu", _prelu, _prelu_vjp)
