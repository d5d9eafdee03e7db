"""Bounds of elu and selu.

Where x > 0 elu copies and selu multiplies by its constant: that is rounded, and the product,
gamma(2). Elsewhere a constant multiplies expm1(x), or exp(x) in the VJP, of accuracy s: elu's alpha
is one rounding, selu's scale alpha up to three (both factors and their product), the product is
one: gamma(s + 4) |y|. The VJP has one product more.

Where the elementary function is subnormal, its absolute error passes through the products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound

SELU = 1.7580993408473766  # scale alpha


def _elu(a: Arithmetic, y: Array, x: Array, *, alpha: float) -> Any:
    limit = a.gamma(ELEMENTARY + 2) * np.abs(y) + abs(alpha) * a.elementary_eta + a.eta
    return np.where(x > 0, 0, limit)


def _elu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, alpha: float) -> Any:
    limit = a.gamma(ELEMENTARY + 3) * np.abs(cotangents[0]) + _underflow(a, dy, alpha)
    return [np.where(x > 0, 0, limit)]


def _selu(a: Arithmetic, y: Array, x: Array) -> Any:
    below = a.gamma(ELEMENTARY + 4) * np.abs(y) + SELU * a.elementary_eta
    return np.where(x > 0, a.gamma(2) * np.abs(y), below) + a.eta


def _selu_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    size = np.abs(cotangents[0])
    below = a.gamma(ELEMENTARY + 5) * size + _underflow(a, dy, SELU)
    return [np.where(x > 0, a.gamma(2) * size + a.eta, below)]


def _underflow(a: Arithmetic, dy: Array, factor: float) -> Any:
    size = np.abs(dy)
    return abs(factor) * size * a.elementary_eta + (1 + size) * a.eta


bound("elu", _elu, _elu_vjp)
bound("selu", _selu, _selu_vjp)
