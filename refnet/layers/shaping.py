"""Layers that change a sample's shape."""

from __future__ import annotations

import math
from typing import Any, cast

from refnet.arrays import Array, Shape
from refnet.layers.base import EVALUATION, Context, Layer, Params
from refnet.ops.reshaping import reshape


class Reshape(Layer):
    """Each sample in another shape, in C order.

    Parameters
    ----------
    shape : tuple of int
        The shape of one sample's result; one size may be -1.

    Raises
    ------
    OptionError
        When called with samples of another number of elements.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.Reshape((7, -1)).output_shape((28,))
    (7, 4)
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = tuple(shape)

    def __repr__(self) -> str:
        return f"Reshape({self.shape})"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result."""
        result = reshape.shape((1, *shape), shape=(1, *self._target(shape)))
        return cast(Shape, result)[1:]

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the batch in its new shape, and its VJP as the tape."""
        return reshape.with_vjp(x, shape=(len(x), *self._target(x.shape[1:])))

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and no gradients."""
        return (tape(dy)[0] if wrt_input else None), {}

    def _target(self, shape: Shape) -> Shape:
        # A batch without samples leaves -1 open, so it is worked out from one sample.
        known = math.prod(n for n in self.shape if n != -1)
        rest = math.prod(shape) // known if known else 0
        return tuple(rest if n == -1 else n for n in self.shape)


class Flatten(Reshape):
    """Each sample as a vector, in C order.

    Raises
    ------
    ShapeError
        When called with no batch.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.Flatten().output_shape((4, 4, 3))
    (48,)
    """

    def __init__(self) -> None:
        super().__init__((-1,))

    def __repr__(self) -> str:
        return "Flatten()"
