"""Products of matrices, and the bias."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return products of matrices, and the bias."""
    functional = torch.nn.functional

    def dense(x: Any, w: Any, b: Any) -> Any:
        return functional.linear(x, w.T, b)

    return Family(
        {
            "bias_add": torch.add,
            "dense": dense,
            "matmul": torch.matmul,
        },
        rounds_between=frozenset({"matmul"}),
    )
