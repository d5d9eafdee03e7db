"""PReLU, a rectifier whose slope is learnt."""

from __future__ import annotations

from typing import Any

from refnet.arrays import Shape
from refnet.errors import ShapeError
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.operation import OperationLayer
from refnet.op import Op
from refnet.ops.leaky_relu import prelu


class PReLU(OperationLayer):
    """x where it is positive, a x elsewhere, with the parameter ``a`` (C,).

    The channels are the last axis; there is no other layout.

    Parameters
    ----------
    init : str or Initializer
        How the slopes start: 0.25 by default (He et al. 2015).

    Raises
    ------
    OptionError
        If the spec names no initializer.
    ArgumentError
        When called with params that lack its own.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.PReLU()
    >>> params = layer.init((2,), np.random.default_rng(0))
    >>> layer.forward(params, np.array([[-4.0, 4.0]]))[0]
    array([[-1.,  4.]])
    """

    op: Op[Any, Any] = prelu

    def __init__(self, *, init: str | Initializer = "constant(value=0.25)") -> None:
        super().__init__({}, {"a": initializer_from_spec(init)})

    def __repr__(self) -> str:
        return "PReLU()"

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return that of a, (C,)."""
        if not shape:
            raise ShapeError(
                "PReLU",
                got="samples without an axis",
                needs="samples with an axis of channels",
                cause="Is the batch passed as one sample?",
            )
        return {"a": shape[-1:]}
