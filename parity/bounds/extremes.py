"""Bounds of maximum, minimum, max and min.

Values are chosen, so nothing rounds. VJP of the elementwise ones: a copy, or half of dy at a tie,
which is exact unless it is subnormal; a sum over the K positions to which an operand was stretched
has gamma(K - 1) times the sum of absolute values (Higham 2002, eq. 4.4). VJP of the reductions: dy
divided by the number of ties rounds once; elements that are not chosen have a zero of either sign.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, summed
from parity.bounds.exact import exact


def _shared(larger: bool) -> Any:
    def vjp(a: Arithmetic, cotangents: Any, dy: Array, left: Array, right: Array) -> Any:
        limits = []
        for operand, other in ((left, right), (right, left)):
            left_out = operand < other if larger else operand > other
            tied = np.broadcast_to(operand == other, dy.shape)
            total, k = summed(np.where(left_out, 0, np.abs(dy)), operand.shape)
            halves, _ = summed(tied.astype(dy.dtype), operand.shape)
            limits.append(a.gamma(k - 1) * total + halves * a.eta)
        return limits

    return vjp


def _shared_evenly(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [a.u * np.abs(cotangents[0]) + a.eta]


bound("maximum", exact, _shared(larger=True))
bound("minimum", exact, _shared(larger=False))
bound("max", exact, _shared_evenly)
bound("min", exact, _shared_evenly)
