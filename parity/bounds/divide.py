"""Bound of divide.

The quotient rounds once. VJP: dy / b rounds once; dy (y / b) has the roundings of y, of y / b and
of the product, and an underflow of y is divided by b before it is multiplied. A sum over the K
positions to which an operand was stretched adds gamma(K - 1) (Higham 2002, eq. 4.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed


def _quotient(a: Arithmetic, y: Array, left: Array, right: Array) -> Any:
    return a.u * np.abs(y) + a.eta


def _quotient_vjp(a: Arithmetic, cotangents: Any, dy: Array, left: Array, right: Array) -> Any:
    per_unit = np.abs(dy / right)
    total, k = summed(per_unit, left.shape)
    da = a.gamma(k) * total + k * a.eta
    total, k = summed(per_unit * np.abs(left / right), right.shape)
    underflow, _ = summed(per_unit + np.abs(dy) + 1, right.shape)
    return [da, (a.gamma(k + 2) + a.saved) * total + underflow * a.eta]


bound("divide", _quotient, _quotient_vjp)
