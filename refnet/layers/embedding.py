"""An embedding table as a layer."""

from __future__ import annotations

from typing import Any

from refnet import checks
from refnet.arrays import Shape
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.operation import OperationLayer
from refnet.op import Op
from refnet.ops.embedding import embedding


class Embedding(OperationLayer):
    """A row of the table for each number, with the parameter ``table`` (numbers, features).

    It is the first layer of a network: numbers have no cotangent.

    Parameters
    ----------
    numbers, features : int
        The table's rows and columns, each at least 1.
    padding_idx : int, optional
        A number whose row gets no gradient.
    init : str or Initializer
        How the table starts.

    Raises
    ------
    OptionError
        If a size is no integer of at least 1, or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    DomainError
        When called with a number that has no row.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.Embedding(10, 3)
    >>> params = layer.init((5,), np.random.default_rng(0))
    >>> layer.forward(params, np.zeros((2, 5), int))[0].shape
    (2, 5, 3)
    """

    op: Op[Any, Any] = embedding

    def __init__(
        self,
        numbers: int,
        features: int,
        *,
        padding_idx: int | None = None,
        init: str | Initializer = "std_normal",
    ) -> None:
        self.shape = (
            checks.count("Embedding", "numbers", numbers, low=1),
            checks.count("Embedding", "features", features, low=1),
        )
        super().__init__({"padding_idx": padding_idx}, {"table": initializer_from_spec(init)})
        self.op.shape((1,), self.shape, **self.options)  # refuses a padding_idx that has no row

    def __repr__(self) -> str:
        return f"Embedding({self.shape[0]}, {self.shape[1]})"

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return that of table, (numbers, features)."""
        return {"table": self.shape}
