"""Bounds of embedding and one_hot.

Rows are copied and ones are written: exact. The cotangent of a row is the sum of dy over the places
where it was looked up, m of them, in any order: gamma(m - 1) times the sum of absolute values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound
from parity.bounds.exact import exact


def _embedding_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    ids: Array,
    table: Array,
    *,
    padding_idx: int | None,
) -> Any:
    size, found = np.zeros_like(table), np.zeros((len(table), 1))
    np.add.at(size, ids.ravel(), np.abs(dy).reshape(ids.size, table.shape[1]))
    np.add.at(found, ids.ravel(), 1.0)
    if padding_idx is not None:
        size[padding_idx] = 0
    return None, a.gamma(np.maximum(found - 1, 0)) * size


def _one_hot_vjp(*_: Any, **__: Any) -> tuple[None]:
    return (None,)


bound("embedding", exact, _embedding_vjp)
bound("one_hot", exact, _one_hot_vjp)
