"""Bounds of operations that choose or copy values, so that nothing is rounded."""

from __future__ import annotations

from typing import Any

from parity.bounds.base import Arithmetic, Array, bound


def exact(a: Arithmetic, y: Any, *inputs: Array, **options: Any) -> Any:
    """Return the limit 0 of every result."""
    return (0.0,) * len(y) if isinstance(y, tuple) else 0.0


def _exact_vjp(a: Arithmetic, cotangents: Any, *_: Any, **options: Any) -> list[float]:
    return [0.0] * len(cotangents)


COPIES = ("concat", "identity", "reshape", "slice", "split", "stack", "transpose", "unstack")
for op in (*COPIES, "abs", "relu", "step"):
    bound(op, exact, _exact_vjp)
