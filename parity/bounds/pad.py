"""Bound of pad: copies, and a value that is rounded to the dtype.

VJP: an element of which there are K copies sums K cotangents, in any order: gamma(K - 1) times the
sum of absolute values (Higham 2002, eq. 4.4). Where there is one, nothing is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _padded(a: Array, pads: Any, **options: Any) -> Array:
    if a.ndim == 0:
        return a
    return np.asarray(
        np.pad(a, ((pads, pads),) * a.ndim if isinstance(pads, int) else pads, **options)
    )


def _pad(a: Arithmetic, y: Array, x: Array, *, pads: Any, mode: str, value: float) -> Any:
    size = a.u * abs(value) if mode == "constant" else 0.0
    return _padded(np.zeros(x.shape), pads, constant_values=size)


def _pad_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, pads: Any, mode: str, value: float
) -> Any:
    # Which element each one of y is a copy of; -1 for none.
    sources = np.arange(x.size).reshape(x.shape)
    options: dict[str, Any] = {"constant_values": -1} if mode == "constant" else {"mode": mode}
    copied = _padded(sources, pads, **options)
    total, copies = np.zeros(x.size, dy.dtype), np.zeros(x.size, int)
    np.add.at(total, copied[copied >= 0], np.abs(dy)[copied >= 0])
    np.add.at(copies, copied[copied >= 0], 1)
    return [(a.gamma(np.maximum(copies - 1, 0)) * total).reshape(x.shape)]


bound("pad", _pad, _pad_vjp)
