"""Bounds of exp, log, sqrt, sin and cos.

exp, log, sin and cos have the accuracy s of the functions, relative to the value: near x = 1 too,
where the logarithm is small, and near multiples of pi / 2, where a sine or a cosine is, for which
the argument is reduced by enough digits of pi. The worst of 5.5 million float32 and 1.5 million
float64 arguments up to the largest, those next to 300,000 such multiples among them, are off by
2.94 u and 1.01 u in NumPy 2.4, by 1.09 u and 1.01 u in PyTorch 2.13. A square root is rounded
correctly in NumPy, as IEEE 754-2019 has it (section 5.4.1); as a function of a vector library it
has an accuracy r of 1 ulp (Intel's VML in its high accuracy mode, which PyTorch calls: at most 0.56
ulp over all significands of float32).

VJPs. dy y, y off by s u and by its rounding where it was saved, the product rounds:
gamma(s + 1) + saved; y may be subnormal. dy / x rounds once. dy / (2 y): y is off by r u and by its
rounding where it was saved, 2 y is exact, the quotient rounds: gamma(r + 1) + saved; a root is
never subnormal. dy cos(x) and -dy sin(x): the function and the product, gamma(s + 1), one kernel
after the other; a sine may be subnormal, a cosine is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound

ROOT = 2.0  # 1 ulp in units of u


def _function(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(ELEMENTARY) * np.abs(y) + a.elementary_eta


def _exp_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    error = a.gamma(ELEMENTARY + 1) + a.saved
    return [error * np.abs(cotangents[0]) + a.elementary_eta * np.abs(dy) + a.eta]


def _log_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    return [a.u * np.abs(cotangents[0]) + a.eta]


def _sqrt(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(ROOT) * np.abs(y)


def _sqrt_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    return [(a.gamma(ROOT + 1) + a.saved) * np.abs(cotangents[0]) + a.eta]


def _turned(a: Arithmetic, y: Array, x: Array) -> Any:
    # A single kernel: nothing is rounded to a half type on the way.
    return a.gamma(ELEMENTARY, kernels=0) * np.abs(y) + a.elementary_eta


def _sin_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    return [a.gamma(ELEMENTARY + 1, kernels=1) * np.abs(cotangents[0]) + a.eta]


def _cos_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    error = a.gamma(ELEMENTARY + 1, kernels=1)
    return [error * np.abs(cotangents[0]) + a.elementary_eta * np.abs(dy) + a.eta]


bound("cos", _turned, _cos_vjp)
bound("exp", _function, _exp_vjp)
bound("log", _function, _log_vjp)
bound("sin", _turned, _sin_vjp)
bound("sqrt", _sqrt, _sqrt_vjp)
