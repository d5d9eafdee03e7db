"""Layers one after another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array, Shape
from refnet.errors import ArgumentError
from refnet.layers.base import EVALUATION, Context, Layer, Params, sample_shape
from refnet.op import Op


class Sequential(Layer):
    """Layers applied in order; itself a layer.

    Positional layers are named by their position, keyword layers by their keyword. A parameter's
    name is its layer's name, a dot and its own name.

    Raises
    ------
    ArgumentError
        If there is no layer, something else among them, a name twice, or one that is empty or
        has a dot.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> net = rn.layers.Sequential(
    ...     fc1=rn.layers.Dense(3), act=rn.layers.Activation("tanh"), fc2=rn.layers.Dense(2)
    ... )
    >>> params = net.init((4,), np.random.default_rng(0))
    >>> list(params)
    ['fc1.w', 'fc1.b', 'fc2.w', 'fc2.b']
    >>> x, labels = np.ones((5, 4)), np.array([0, 1, 0, 1, 1])
    >>> loss, grads = net.value_and_grads(params, x, labels, rn.softmax_cross_entropy)
    >>> grads["fc1.w"].shape
    (4, 3)
    """

    def __init__(self, *layers: Layer, **named: Layer) -> None:
        self.layers: dict[str, Layer] = {str(i): layer for i, layer in enumerate(layers)} | named
        every = (*layers, *named.values())
        wrong = [v for v in every if isinstance(v, type) or not isinstance(v, Layer)]
        if not self.layers or wrong or len(self.layers) < len(layers) + len(named):
            raise ArgumentError(
                "Sequential",
                got=f"a {type(wrong[0]).__name__}" if wrong else f"{len(self.layers)} layer(s)",
                needs="at least one layer, each under a name of its own",
                cause="Was a list of layers passed without unpacking it?",
            )
        unfit = [name for name in named if not name or "." in name]
        if unfit:
            raise ArgumentError(
                "Sequential",
                got=f"a layer under the name {unfit[0]!r}",
                needs="names that are not empty and hold no dot",
                cause="A dot stands between a layer's name and its parameter's: nest a Sequential.",
            )
        self._steps = tuple((f"{name}.", layer) for name, layer in self.layers.items())
        trained = [i for i, layer in enumerate(self.layers.values()) if layer.parameters]
        self._first_with_parameters = trained[0] if trained else len(self.layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(f'{k}={v!r}' for k, v in self.layers.items())})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of every layer's parameters, each after its layer's name and a dot."""
        return tuple(f"{k}.{p}" for k, layer in self.layers.items() for p in layer.parameters)

    @property
    def buffers(self) -> tuple[str, ...]:
        """The names of every layer's buffers, each after its layer's name and a dot."""
        return tuple(f"{k}.{b}" for k, layer in self.layers.items() for b in layer.buffers)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of every layer's parameters, each after its layer's name and a dot."""
        shapes: dict[str, Shape] = {}
        for name, layer in self._steps:
            shapes |= {name + own: s for own, s in layer.parameter_shapes(shape).items()}
            shape = layer.output_shape(shape)
        return shapes

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return the parameters of every layer, drawn in order, for samples of ``shape``."""
        self.output_shape(shape)
        params: dict[str, Array] = {}
        for name, layer in self._steps:
            params |= layer.init(shape, rng, dtype, prefix + name)
            shape = layer.output_shape(shape)
        return params

    def init_buffers(
        self, shape: Shape, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return the buffers of every layer as they are before training."""
        buffers: dict[str, Array] = {}
        for name, layer in self._steps:
            buffers |= layer.init_buffers(shape, dtype, prefix + name)
            shape = layer.output_shape(shape)
        return buffers

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result."""
        shape = sample_shape(self, shape)
        for layer in self.layers.values():
            shape = layer.output_shape(shape)
        return shape

    def summary(self, shape: Shape) -> str:
        """Return a table of the layers for samples of ``shape``, one a line.

        It has each layer's name, what it is, the shape of one sample's result, and how many numbers
        its parameters hold (and, after a plus sign, its buffers).
        """
        self.output_shape(shape)
        rows = [("layer", "", "result", "parameters")]
        total = 0
        for name, layer in self.layers.items():
            shapes = layer.parameter_shapes(shape)
            trained = sum(math.prod(shapes[own]) for own in layer.parameters)
            buffers = sum(a.size for a in layer.init_buffers(shape).values())
            shape = layer.output_shape(shape)
            total += trained
            counted = f"{trained:,}" + (f" + {buffers:,}" if buffers else "")
            rows.append((name, repr(layer), str(shape), counted))
        rows.append(("total", "", "", f"{total:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def __call__(self, params: Params, x: Array, context: Context = EVALUATION) -> Array:
        """Return the result for a batch x."""
        return self.forward(params, x, context=context)[0]

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the result for a batch x, and the layers' tapes."""
        tapes = []
        for name, layer in self._steps:
            x, tape = layer.forward(params, x, prefix + name, context)
            tapes.append(tape)
        return x, tapes

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients in the order of init()."""
        cotangent: Array | None = dy
        parts: list[dict[str, Array]] = []
        last = 0 if wrt_input else self._first_with_parameters  # nothing below it is wanted
        for i in range(len(tape) - 1, last - 1, -1):
            name, layer = self._steps[i]
            assert cotangent is not None
            cotangent, grads = layer.vjp(
                cotangent, params, tape[i], prefix + name, wrt_input=wrt_input or i > last
            )
            if grads:
                parts.append(grads)
        every: dict[str, Array] = {}
        for grads in reversed(parts):
            every |= grads
        return cotangent, every

    def value_and_grads(
        self,
        params: Params,
        x: Array,
        t: Array,
        loss: Op[Any, Any],
        *,
        context: Context = EVALUATION,
        **options: Any,
    ) -> tuple[Array, dict[str, Array]]:
        """Return the loss of a batch and its gradient with respect to every parameter.

        Parameters
        ----------
        params : dict
            As :meth:`init` returns them.
        x, t : array
            A batch of samples (N, ...) and its targets, as ``loss`` takes them.
        loss : Op
            An operation of the network's result and the targets whose result is a number.
        context : Context
            Evaluation by default, which a network without batch statistics or dropout can be
            trained in; otherwise ``Context(training=True, rng=..., buffers=...)``.
        **options
            Its options, such as the reduction.
        """
        y, tape = self.forward(params, x, context=context)
        value, loss_vjp = loss.with_vjp(y, t, **options)
        dy = loss_vjp(np.array(1, value.dtype), wrt=loss.inputs[:1])[0]
        _, grads = self.vjp(dy, params, tape, wrt_input=False)
        return value, grads
