"""Elementwise arithmetic."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return elementwise arithmetic."""
    return Family(
        {
            "add": torch.add,
            "multiply": torch.mul,
            "square": torch.square,
            "subtract": torch.sub,
        },
        rounds_between=frozenset({"multiply"}),
    )
