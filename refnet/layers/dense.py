"""The dense layer."""

from __future__ import annotations

from refnet import checks
from refnet.arrays import Shape
from refnet.errors import ShapeError
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.operation import OperationLayer
from refnet.ops.dense import dense


class Dense(OperationLayer):
    """Dense layer x w + b with parameters ``w`` (C, units) and ``b`` (units,).

    Parameters
    ----------
    units : int
        Features of the result, at least 1.
    init, bias_init : str or Initializer
        How w and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If units is no integer of at least 1, or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError, DtypeError
        When called with arrays that do not fit, as :func:`refnet.dense` has it.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.Dense(3, init="he_normal")
    >>> params = layer.init((2,), np.random.default_rng(0))
    >>> {name: p.shape for name, p in params.items()}
    {'w': (2, 3), 'b': (3,)}
    >>> y, tape = layer.forward(params, np.ones((4, 2)))
    >>> dx, grads = layer.vjp(np.ones((4, 3)), params, tape)
    >>> grads["b"]
    array([4., 4., 4.])
    """

    op = dense

    def __init__(
        self,
        units: int,
        *,
        init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        self.units = checks.count("Dense", "units", units, low=1)
        self.weight_init = initializer_from_spec(init)
        self.bias_init = None if bias_init is None else initializer_from_spec(bias_init)
        super().__init__({}, {"w": self.weight_init, "b": self.bias_init})

    def __repr__(self) -> str:
        return f"Dense({self.units}, init={self.weight_init}, bias_init={self.bias_init})"

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of w (C, units) and b (units,), for samples of ``shape`` (C,)."""
        if len(shape) != 1:
            raise ShapeError(
                "Dense",
                got=f"samples of shape {shape}",
                needs="samples of shape (C,)",
                cause="Are images to be flattened first? See Flatten and refnet.data.as_rows.",
            )
        return {"w": (shape[0], self.units), "b": (self.units,)}
