"""Sums and means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.torch.operations.base import Family


def family(torch: Any) -> Family:
    """Return sums and means."""

    def reduction_over(function: Callable[..., Any]) -> Callable[..., Any]:
        def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            dims = tuple(range(x.ndim)) if axis is None else axis
            return function(x, dim=dims, keepdim=keepdims)

        return reduce

    return Family(
        {
            "mean": reduction_over(torch.mean),
            "sum": reduction_over(torch.sum),
        },
    )
