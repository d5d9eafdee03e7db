"""Elementary functions, quotients and powers."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return elementary functions, quotients and powers."""
    return Family(
        {
            "abs": torch.abs,
            "divide": torch.div,
            "exp": torch.exp,
            "log": torch.log,
            "power": torch.pow,
            "sqrt": torch.sqrt,
        },
        # exp's VJP reads its result again, which may be subnormal in the half type.
        rounds_between=frozenset({"divide", "exp", "power"}),
    )
