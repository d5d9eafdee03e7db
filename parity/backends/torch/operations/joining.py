"""Joining and taking apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return joining and taking apart."""

    def split(x: Any, parts: int | Sequence[int], axis: int = 0) -> Any:
        if isinstance(parts, int):
            return torch.tensor_split(x, parts, dim=axis)
        return torch.split(x, list(parts), dim=axis)

    return Family(
        {
            "concat": lambda *xs, axis=0: torch.cat(xs, dim=axis),
            "split": split,
            "stack": lambda *xs, axis=0: torch.stack(xs, dim=axis),
            "unstack": lambda x, axis=0: torch.unbind(x, dim=axis),
        }
    )
