"""The larger and the smaller, of two arrays and along axes, clip and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return the operations that choose among values."""

    def chosen(function: Callable[..., Any]) -> Callable[..., Any]:
        def choose(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            return function(x, dim=() if axis is None else axis, keepdim=keepdims)

        return choose

    def clip(x: Any, low: float | None = None, high: float | None = None) -> Any:
        return torch.clamp(x, min=low, max=high)

    return Family(
        {
            "clip": clip,
            # amax and amin share the cotangent among ties; torch.max along an axis does not.
            "max": chosen(torch.amax),
            "maximum": torch.maximum,
            "min": chosen(torch.amin),
            "minimum": torch.minimum,
            "where": lambda condition, a, b: torch.where(condition.bool(), a, b),
        },
        rounds_between=frozenset({"max", "maximum", "min", "minimum"}),
    )
