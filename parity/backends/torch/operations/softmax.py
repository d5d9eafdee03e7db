"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return softmax and its logarithm."""
    functional = torch.nn.functional

    return Family(
        {
            "log_softmax": lambda x, axis=-1: functional.log_softmax(x, dim=axis),
            "softmax": lambda x, axis=-1: functional.softmax(x, dim=axis),
        },
        rounds_between=frozenset({"log_softmax", "softmax"}),
    )
