"""An embedding table as a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.base import EVALUATION, Context, Layer, Params, absent, sample_shape
from refnet.ops.embedding import embedding


class Embedding(Layer):
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
        self.padding_idx = padding_idx
        self.table_init = initializer_from_spec(init)
        embedding.shape((1,), self.shape, padding_idx=padding_idx)  # refuses what has no row

    def __repr__(self) -> str:
        return f"Embedding({self.shape[0]}, {self.shape[1]})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The name ``table``."""
        return ("table",)

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return the table."""
        self.output_shape(shape)
        return {prefix + "table": self.table_init(self.shape, rng, dtype)}

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``shape`` with an axis of features."""
        return (*sample_shape(self, shape), self.shape[1])

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the rows for a batch of numbers x, and the VJP as the tape."""
        if prefix + "table" not in params:
            raise absent(self, "params", "table", prefix)
        return embedding.with_vjp(x, params[prefix + "table"], padding_idx=self.padding_idx)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return None and the gradient of the table."""
        return None, {prefix + "table": tape(dy)[1]}
