"""Elementary functions, quotients and powers."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return elementary functions, quotients and powers."""
    return Family(
        {
            "abs": torch.abs,
            "cos": torch.cos,
            "divide": torch.div,
            "exp": torch.exp,
            "log": torch.log,
            "power": torch.pow,
            "sin": torch.sin,
            "sqrt": torch.sqrt,
        },
        # exp's VJP reads its result again, which may be subnormal in the half type; sin and cos
        # have the other function rounded the other function before the product.
        rounds_between=frozenset({"cos", "divide", "exp", "power", "sin"}),
    )
