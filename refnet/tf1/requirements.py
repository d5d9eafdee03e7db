"""What operations ask of the dtypes and the numbers of axes of their inputs."""

from __future__ import annotations

from collections.abc import Sequence

from refnet.errors import DtypeError, ShapeError
from refnet.graph import Node


def need_integers(operation: str, what: str, node: Node) -> None:
    """Raise DtypeError unless a node's values are integers; bools are none."""
    if node.dtype is None or node.dtype.kind not in "iu":
        raise DtypeError(
            operation,
            got=f"{what} of dtype {node.dtype}",
            needs="integers",
            cause="Is a cast missing?",
        )


def need_rank(operation: str, what: str, shape: Sequence[int | None] | None, rank: int) -> None:
    """Raise ShapeError if a shape, where it is known, has another number of axes."""
    if shape is not None and len(shape) != rank:
        raise ShapeError(
            operation,
            got=f"{what} of shape {tuple(shape)}",
            needs=("a single number", "a vector")[rank],
            cause="Is it another argument's value?",
        )
