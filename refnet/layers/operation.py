"""Layers that are one operation, with or without parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from refnet.arrays import Array, Shape
from refnet.initializers import Initializer
from refnet.layers.base import EVALUATION, Context, Layer, Params, absent, sample_shape
from refnet.op import Op


class OperationLayer(Layer):
    """A layer that applies one operation to its input and its parameters, in that order.

    Attributes
    ----------
    op : Op
        The operation.
    options : mapping
        Its options.
    initial : mapping
        The initializer of each parameter, by name, in the order of the operation's inputs; None
        for an optional input that is left out.
    """

    op: Op[Any, Any]

    def __init__(
        self, options: Mapping[str, Any], initial: Mapping[str, Initializer | None]
    ) -> None:
        self.options = dict(options)
        self.initial = dict(initial)
        self._parameters = tuple(name for name, init in self.initial.items() if init is not None)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shape of every parameter for samples of ``shape``."""
        return {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self._parameters

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return the parameters for samples of ``shape``, drawn in order."""
        self.output_shape(shape)
        return self._drawn(self.parameter_shapes(shape), rng, dtype, prefix)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result."""
        shape = sample_shape(self, shape)
        shapes = self.parameter_shapes(shape)
        given = [None if i is None else shapes[name] for name, i in self.initial.items()]
        return cast(Shape, self.op.shape((1, *shape), *given, **self.options))[1:]

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the operation's result for a batch x, and its VJP as the tape."""
        return self.op.with_vjp(x, *self._own(params, prefix), **self.options)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients of the parameters."""
        dx, *rest = tape(dy, wrt=None if wrt_input else self._parameters)
        pairs = zip(self.initial, rest, strict=False)
        return dx, {prefix + name: g for name, g in pairs if g is not None}

    def _drawn(
        self, shapes: Mapping[str, Shape], rng: np.random.Generator, dtype: Any, prefix: str
    ) -> dict[str, Array]:
        """Return the parameters, drawn in order in these shapes."""
        return {
            prefix + name: init(shapes[name], rng, dtype)
            for name, init in self.initial.items()
            if init is not None
        }

    def _called(self, *first: str) -> str:
        """Return the layer as a call: ``first``, then the options unlike the operation's defaults.

        For representations.
        """
        usual = self.op.options
        options = [f"{k}={v!r}" for k, v in self.options.items() if k not in usual or v != usual[k]]
        return f"{type(self).__name__}({', '.join([*first, *options])})"

    def _own(self, params: Params, prefix: str) -> list[Array | None]:
        """Return the parameters in order, None for those left out."""
        try:
            return [
                None if init is None else params[prefix + name]
                for name, init in self.initial.items()
            ]
        except KeyError as error:
            name = str(error.args[0]).removeprefix(prefix)
            raise absent(self, "params", name, prefix) from error
