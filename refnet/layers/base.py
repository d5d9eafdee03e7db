"""What a layer is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from refnet.arrays import Array, Shape

Params = Mapping[str, Array]


@runtime_checkable
class Layer(Protocol):
    """A pure function of parameters and input, with its VJP.

    A layer holds options, never values. Its parameters live in the caller's dict under names that
    start with ``prefix``; ``parameters`` are their own names.
    """

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the layer's parameters, without prefix."""
        ...

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return parameters for samples of ``shape`` (without the batch axis)."""
        ...

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result, or raise ShapeError."""
        ...

    def forward(self, params: Params, x: Array, prefix: str = "") -> tuple[Array, Any]:
        """Return the result for a batch x, and the tape that :meth:`vjp` needs."""
        ...

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return the cotangent of the input (None unless ``wrt_input``) and of the parameters."""
        ...
