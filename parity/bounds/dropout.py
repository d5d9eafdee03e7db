"""Bound of dropout.

x mask / (1 - rate): 1 - rate, the product and the quotient round, in whichever order; without the
quotient the product alone, at test 1 - rate and one product, or nothing. A product that underflows
is off by eta / 2, and by that over 1 - rate after the quotient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _limit(a: Arithmetic, value: Array, rate: float, scale: str, training: bool) -> Any:
    match (scale, training):
        case ("inverted", True):
            return a.gamma(3) * np.abs(value) + a.eta / (1 - rate) + a.eta
        case ("at_test", True):
            return a.u * np.abs(value) + a.eta
        case ("at_test", False):
            return a.gamma(2) * np.abs(value) + a.eta
        case _:
            return 0.0


def _dropout(a: Arithmetic, y: Array, x: Array, mask: Array | None, **options: Any) -> Any:
    return _limit(a, y, **options)


def _dropout_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, x: Array, mask: Array | None, **options: Any
) -> Any:
    dx, dmask = cotangents
    exact = None if mask is None else 0.0
    if mask is not None and options["training"]:
        exact = _limit(a, dmask, **options)
    return _limit(a, dx, **options), exact


bound("dropout", _dropout, _dropout_vjp)
