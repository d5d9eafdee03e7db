"""Bounds of reshape and transpose: values are copied, so nothing is rounded."""

from __future__ import annotations

from typing import Any

from parity.bounds.base import bound


def _exact(*_: Any, **__: Any) -> float:
    return 0.0


def _exact_vjp(*_: Any, **__: Any) -> list[float]:
    return [0.0]


bound("reshape", _exact, _exact_vjp)
bound("transpose", _exact, _exact_vjp)
