"""Bound of tile.

Copies. VJP: the sum over the K copies of an element, in any order: gamma(K - 1) times the sum of
absolute values (Higham 2002, eq. 4.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, count
from parity.bounds.exact import exact


def _tile_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, repeats: Any) -> Any:
    copies = (repeats,) if isinstance(repeats, int) else repeats
    # An element's copies are x's sizes apart.
    total = np.zeros(x.shape, dy.dtype)
    for place in np.ndindex(*copies):
        start = [k * n for k, n in zip(place, x.shape, strict=True)]
        total += np.abs(dy)[tuple(slice(s, s + n) for s, n in zip(start, x.shape, strict=True))]
    return [a.gamma(max(count(copies) - 1, 0)) * total]


bound("tile", exact, _tile_vjp)
