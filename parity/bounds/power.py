"""Bound of power.

Forward: the accuracy s of the function, relative to the value.

VJP. In dy b a^(b - 1) the exponent b - 1 rounds, which moves the power by the factor
a^(d (b - 1)), |d| <= u: |b - 1| |log a| u; the power itself is off by s u, two products round. In
dy y log(a) both y and the logarithm are off by s u, y by its rounding where it was saved, two
products round. A sum over the K positions to which an operand was stretched adds gamma(K - 1)
(Higham 2002, eq. 4.4). Powers may be subnormal. Where a is 0 or infinite its powers are exact. One
kernel after another, either is a function, two products and a sum: four results are rounded to u.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array, bound, summed


def _power(a: Arithmetic, y: Array, base: Array, exponent: Array) -> Any:
    return a.gamma(ELEMENTARY) * np.abs(y) + a.elementary_eta


def _in_four_kernels(a: Arithmetic, n: float) -> Any:
    between = 4 * (a.u - a.inner)
    return (1 + a._replace(u=a.inner).gamma(n)) / (1 - between) - 1


def _power_vjp(a: Arithmetic, cotangents: Any, dy: Array, base: Array, exponent: Array) -> Any:
    ordinary = (base != 0) & np.isfinite(base) & np.isfinite(exponent)
    log = np.where(ordinary, np.abs(np.log(np.abs(base))), 0)
    slope = np.where(exponent == 0, 0, exponent * np.power(base, exponent - 1))
    size, k = summed(np.abs(dy * slope), base.shape)
    moved = np.where(ordinary, np.abs(exponent - 1) * log, 0)
    # The exponent is rounded to u, whatever is accumulated in.
    error = (1 + a._replace(inner=a.u).gamma(moved)) * (
        1 + _in_four_kernels(a, ELEMENTARY + k + 1)
    ) - 1
    weighted, _ = summed(np.abs(dy * slope) * error, base.shape)
    lost, _ = summed(np.abs(dy) * (np.abs(exponent) * a.elementary_eta + a.eta) + a.eta, base.shape)
    da = weighted + np.where(np.isfinite(lost), lost, a.eta)

    y = np.where(ordinary & (base > 0), np.power(base, exponent), 0)
    size, k = summed(np.abs(dy * y * log), exponent.shape)
    lost, _ = summed(np.abs(dy) * (log * a.elementary_eta + a.eta) + a.eta, exponent.shape)
    return [da, (_in_four_kernels(a, 2 * ELEMENTARY + k + 1) + a.saved) * size + lost]


bound("power", _power, _power_vjp)
