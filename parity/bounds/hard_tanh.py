"""Bound of hard_tanh: values are copied or chosen; an end that is chosen was rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _hard_tanh(a: Arithmetic, y: Array, x: Array, *, low: float, high: float) -> Any:
    return np.where((x > low) & (x < high), 0, a.u * np.abs(y))


def _hard_tanh_vjp(*_: Any, **__: Any) -> list[float]:
    return [0.0]


bound("hard_tanh", _hard_tanh, _hard_tanh_vjp)
