"""Sums, means and variances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return sums, means and variances."""

    def reduction_over(function: Callable[..., Any]) -> Callable[..., Any]:
        def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            dims = tuple(range(x.ndim)) if axis is None else axis
            return function(x, dim=dims, keepdim=keepdims)

        return reduce

    def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        if not x.numel():  # torch warns of variances over nothing, though there are none
            return torch.sum(x, dim=axis, keepdim=keepdims)
        return torch.var(x, dim=axis, correction=ddof, keepdim=keepdims)

    return Family(
        {
            "mean": reduction_over(torch.mean),
            "sum": reduction_over(torch.sum),
            "var": var,
        },
        rounds_between=frozenset({"var"}),
    )
