"""Recurrent layers, over samples that are sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import ShapeError
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.base import EVALUATION, Context, Params, batch, sample_shape
from refnet.layers.operation import OperationLayer
from refnet.op import Op
from refnet.ops.gru import gru
from refnet.ops.lstm import lstm
from refnet.ops.rnn import rnn


class _Recurrent(OperationLayer):
    """What the recurrent layers share: a batch (N, T, C), states that start at zero."""

    gates: ClassVar[int]  # blocks of columns in the weights
    states: ClassVar[int]  # initial states that the operation takes

    def __init__(
        self,
        units: int,
        sequences: bool,
        options: Mapping[str, Any],
        init: str | Initializer,
        recurrent_init: str | Initializer,
        biases: Mapping[str, str | Initializer | None],
    ) -> None:
        name = type(self).__name__
        self.units = checks.count(name, "units", units, low=1)
        self.sequences = checks.flag(name, "sequences", sequences)
        initial: dict[str, Initializer | None] = {
            "w_x": initializer_from_spec(init),
            "w_h": initializer_from_spec(recurrent_init),
        }
        for bias, spec in biases.items():
            initial[bias] = None if spec is None else initializer_from_spec(spec)
        super().__init__(options, initial)

    def __repr__(self) -> str:
        return self._called(str(self.units), *(["sequences=True"] if self.sequences else []))

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of w_x (C, G units), w_h (units, G units) and the biases (G units,)."""
        if len(shape) != 2:
            raise ShapeError(
                type(self).__name__,
                got=f"samples of shape {shape}",
                needs="samples of shape (T, C), T steps of C features",
                cause="Is the axis of features missing?",
            )
        columns = self.gates * self.units
        shapes: dict[str, Shape] = dict.fromkeys(self.initial, (columns,))
        return shapes | {"w_x": (shape[1], columns), "w_h": (self.units, columns)}

    def output_shape(self, shape: Shape) -> Shape:
        """Return (T, units), or (units,) of the last state alone."""
        shape = sample_shape(self, shape)
        shapes = self.parameter_shapes(shape)
        start: list[Shape] = [(1, self.units)] * self.states
        own = [None if init is None else shapes[name] for name, init in self.initial.items()]
        self.op.shape((shape[0], 1, shape[1]), *start, *own, **self.options)
        return (shape[0], self.units) if self.sequences else (self.units,)

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return every state (N, T, units) or the last (N, units), and the VJP as the tape."""
        x = batch(self, x, 3, "(N, T, C)")
        start = [np.zeros((len(x), self.units), x.dtype)] * self.states
        steps = np.ascontiguousarray(x.swapaxes(0, 1))
        result, tape = self.op.with_vjp(steps, *start, *self._own(params, prefix), **self.options)
        if self.sequences:
            return np.ascontiguousarray(result[0].swapaxes(0, 1)), tape
        return result[1], tape

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients of the parameters."""
        unused = (None,) * (self.states - 1)
        every = np.ascontiguousarray(dy.swapaxes(0, 1)) if self.sequences else None
        wanted = ("xs", *self.parameters) if wrt_input else self.parameters
        pulled = tape((every, None if self.sequences else dy, *unused), wrt=wanted)
        dx, rest = pulled[0], pulled[1 + self.states :]
        pairs = zip(self.initial, rest, strict=False)
        grads = {prefix + name: g for name, g in pairs if g is not None}
        return None if dx is None else np.ascontiguousarray(dx.swapaxes(0, 1)), grads


class RNN(_Recurrent):
    """A simple recurrent layer, with parameters ``w_x``, ``w_h`` and ``b``; see :func:`refnet.rnn`.

    Parameters
    ----------
    units : int
        Size of the state, at least 1.
    sequences : bool
        Whether the result is every state (T, units) or the last (units,).
    activation, reverse
        As the operation has them.
    init, recurrent_init, bias_init : str or Initializer
        How w_x, w_h and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If units is no integer of at least 1, or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (T, C).

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.RNN(16, sequences=True)
    >>> params = layer.init((8, 2), np.random.default_rng(0))
    >>> layer.forward(params, np.ones((5, 8, 2)))[0].shape
    (5, 8, 16)
    """

    op: Op[Any, Any] = rnn
    gates, states = 1, 1

    def __init__(
        self,
        units: int,
        *,
        sequences: bool = False,
        activation: str = "tanh",
        reverse: bool = False,
        init: str | Initializer = "glorot_uniform",
        recurrent_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {"activation": activation, "reverse": reverse}
        super().__init__(units, sequences, options, init, recurrent_init, {"b": bias_init})


class LSTM(_Recurrent):
    """A long short-term memory layer, with parameters ``w_x``, ``w_h``, ``b``; :func:`refnet.lstm`.

    Parameters
    ----------
    units : int
        Size of the state, at least 1.
    sequences : bool
        Whether the result is every state (T, units) or the last (units,).
    gates, reverse
        As the operation has them.
    init, recurrent_init, bias_init : str or Initializer
        How w_x, w_h and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If units is no integer of at least 1, or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (T, C).

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.LSTM(4)
    >>> {k: p.shape for k, p in layer.init((8, 2), np.random.default_rng(0)).items()}
    {'w_x': (2, 16), 'w_h': (4, 16), 'b': (16,)}
    """

    op: Op[Any, Any] = lstm
    gates, states = 4, 2

    def __init__(
        self,
        units: int,
        *,
        sequences: bool = False,
        gates: str = "ifgo",
        reverse: bool = False,
        init: str | Initializer = "glorot_uniform",
        recurrent_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {"gates": gates, "reverse": reverse}
        super().__init__(units, sequences, options, init, recurrent_init, {"b": bias_init})


class GRU(_Recurrent):
    """A gated recurrent layer, with ``w_x``, ``w_h``, ``b`` and ``b_h``; see :func:`refnet.gru`.

    Parameters
    ----------
    units : int
        Size of the state, at least 1.
    sequences : bool
        Whether the result is every state (T, units) or the last (units,).
    gates, reset_after, reverse
        As the operation has them.
    init, recurrent_init, bias_init : str or Initializer
        How w_x, w_h and both biases start; ``bias_init=None`` leaves the biases out.

    Raises
    ------
    OptionError
        If units is no integer of at least 1, or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (T, C).

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.GRU(4)
    >>> {k: p.shape for k, p in layer.init((8, 2), np.random.default_rng(0)).items()}
    {'w_x': (2, 12), 'w_h': (4, 12), 'b': (12,), 'b_h': (12,)}
    """

    op: Op[Any, Any] = gru
    gates, states = 3, 1

    def __init__(
        self,
        units: int,
        *,
        sequences: bool = False,
        gates: str = "rzn",
        reset_after: bool = True,
        reverse: bool = False,
        init: str | Initializer = "glorot_uniform",
        recurrent_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {"gates": gates, "reset_after": reset_after, "reverse": reverse}
        biases = {"b": bias_init, "b_h": bias_init}
        super().__init__(units, sequences, options, init, recurrent_init, biases)
