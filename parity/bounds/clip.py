"""Bound of clip: values are chosen, but for the ends, which are rounded to the dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _clip(a: Arithmetic, y: Array, x: Array, *, low: float | None, high: float | None) -> Any:
    limited = np.zeros(x.shape, bool)
    if low is not None:
        limited |= x < low
    if high is not None:
        limited |= x > high
    return np.where(limited, a.u * np.abs(y), 0)


def _clip_vjp(a: Arithmetic, cotangents: Any, dy: Array, x: Array, **options: Any) -> Any:
    return [0.0]


bound("clip", _clip, _clip_vjp)
