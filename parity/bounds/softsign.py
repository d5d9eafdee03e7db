"""Bound of softsign.

Forward, x / (1 + |x|): a sum and a quotient, gamma(2) |y|.

VJP, on the absolute values of the quotient rule, dy (1 / d - |x| / d^2) with d = 1 + |x|: d rounds
and every quotient, two to the first term and up to five to the second with its product and sign,
and the difference: gamma(6) |dy| (1 / d + |x| / d^2). refnet's dy / d / d, which is the same
function, is off by 4 u |dx|, far less where |x| is large.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _softsign(a: Arithmetic, y: Array, x: Array) -> Any:
    return a.gamma(2) * np.abs(y) + a.eta


def _softsign_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array) -> Any:
    below = 1 + np.abs(x)
    share = np.where(np.isinf(x), 1, np.abs(x) / below)
    return [a.gamma(6) * np.abs(dy) / below * (1 + share) + 6 * a.eta]


bound("softsign", _softsign, _softsign_vjp)
