"""Bound of where.

Values are copied. A cotangent is dy where its operand was taken; over the K positions to which an
operand was stretched these are summed, in any order: gamma(K - 1) times the sum of absolute values
(Higham 2002, eq. 4.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed
from parity.bounds.exact import exact


def _where_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, condition: Array, left: Array, right: Array
) -> Any:
    limits = []
    for operand, taken in ((left, condition != 0), (right, condition == 0)):
        total, k = summed(np.where(taken, np.abs(dy), 0), operand.shape)
        limits.append(a.gamma(max(k - 1, 0)) * total)
    return (None, *limits)


bound("where", exact, _where_vjp)
