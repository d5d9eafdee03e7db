"""What a family of PyTorch's operations is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Family(NamedTuple):
    """Operations of one family, as functions of tensors.

    In the half types those in ``rounds_between`` are several kernels on the CPU, forward or
    backward, each of which rounds its result to the half type: such as the product and the sum of
    a VJP under broadcasting. All others accumulate in float32 and round once.
    """

    operations: Mapping[str, Callable[..., Any]]
    rounds_between: frozenset[str] = frozenset()


def reduced(elements: Any, reduction: str) -> Any:
    """Return a loss's elements as they are, their sum or their mean."""
    return elements if reduction == "none" else getattr(elements, reduction)()
