"""Layers that change a sample's shape."""

from __future__ import annotations

import math
from typing import Any

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import OptionError, ShapeError
from refnet.layers.base import EVALUATION, Context, Layer, Params, batch, sample_shape
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
        If shape is no tuple of sizes, or has -1 twice.
    ShapeError
        When called with samples of another number of elements.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.Reshape((7, -1)).output_shape((28,))
    (7, 4)
    """

    def __init__(self, shape: Shape) -> None:
        sizes: Any = shape if isinstance(shape, tuple | list) else (None,)
        if sizes.count(-1) > 1 or any(not checks.is_integer(n) or n < -1 for n in sizes):
            raise OptionError(
                "Reshape",
                got=f"shape={shape!r}",
                needs="a tuple of sizes, one of which may be -1",
                cause="Is a comma missing, or the batch axis counted?",
            )
        self.shape: Shape = tuple(int(n) for n in sizes)

    def __repr__(self) -> str:
        return f"Reshape({self.shape})"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result."""
        return self._target(sample_shape(self, shape))

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the batch in its new shape, and its VJP as the tape."""
        x = batch(self, x, 1, "(N, ...)")
        return reshape.with_vjp(x, shape=(len(x), *self._target(x.shape[1:])))

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and no gradients."""
        return (tape(dy)[0] if wrt_input else None), {}

    def _target(self, shape: Shape) -> Shape:
        # A batch without samples leaves -1 open, so it is worked out from one sample.
        known = math.prod(n for n in self.shape if n != -1)
        size = math.prod(shape)
        rest = size // known if known else 0
        if size != (known * rest if -1 in self.shape else known):
            raise ShapeError(
                type(self).__name__,
                got=f"samples of shape {shape} for shape={self.shape}",
                needs="as many elements in a sample as in its result",
                cause="Does another layer make other samples than were thought of?",
            )
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
