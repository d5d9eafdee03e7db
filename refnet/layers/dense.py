"""The dense layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import ArgumentError, ShapeError
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.base import Params
from refnet.ops.dense import dense


class Dense:
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

    def __repr__(self) -> str:
        return f"Dense({self.units}, init={self.weight_init}, bias_init={self.bias_init})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names ``w`` and, with a bias, ``b``."""
        return ("w",) if self.bias_init is None else ("w", "b")

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return w and b for samples of ``shape`` (C,)."""
        self.output_shape(shape)
        params = {f"{prefix}w": self.weight_init((shape[0], self.units), rng, dtype)}
        if self.bias_init is not None:
            params[f"{prefix}b"] = self.bias_init((self.units,), rng, dtype)
        return params

    def output_shape(self, shape: Shape) -> Shape:
        """Return (units,)."""
        if len(shape) != 1:
            raise ShapeError(
                "Dense",
                got=f"samples of shape {shape}",
                needs="samples of shape (C,)",
                cause="Are images to be flattened first?",
            )
        return (self.units,)

    def forward(self, params: Params, x: Array, prefix: str = "") -> tuple[Array, Any]:
        """Return x w + b for x (N, C), and its VJP as the tape."""
        try:
            w = params[prefix + "w"]
            b = None if self.bias_init is None else params[prefix + "b"]
        except KeyError as error:
            raise ArgumentError(
                "Dense",
                got=f"params without {error}",
                needs=f"params with the names that init() gave, here under {prefix!r}",
                cause="Do they belong to another network?",
            ) from error
        return dense.with_vjp(x, w, b)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients of w and b."""
        dx, dw, db = tape(dy, wrt=None if wrt_input else ("w", "b"))
        if self.bias_init is None:
            return dx, {prefix + "w": dw}
        return dx, {prefix + "w": dw, prefix + "b": db}
