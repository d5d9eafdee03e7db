"""Cells of recurrent networks: ``tf.nn.rnn_cell``. A cell is called with an input and a state.

A cell makes its variables when it is first called, in the scope in force then, and has them from
there on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from refnet.errors import OptionError
from refnet.graph import Node, Variable, VariableScope
from refnet.tf1.arithmetic import matmul, sigmoid, tanh
from refnet.tf1.arrays import concat, split, zeros
from refnet.tf1.initial_values import constant_initializer, zeros_initializer
from refnet.tf1.missing import missing
from refnet.tf1.nn.layers import bias_add, dropout
from refnet.tf1.values import float32, value
from refnet.tf1.variables import get_variable, variable_scope

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
]

Activation = Callable[[Any], Node]


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM: the cell's, then the output."""

    c: Any
    h: Any


class RNNCell:
    """What a cell is: ``output, state = cell(inputs, state)``; subclasses say how."""

    scope_name = "rnn_cell"

    def __init__(self, reuse: Any = None, name: str | None = None) -> None:
        self._reuse = reuse
        self._name = name
        self._scope: VariableScope | None = None
        self._made: dict[str, Variable] = {}

    @property
    def state_size(self) -> Any:
        """The number of units of the state, or a structure of them."""
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        """The number of units of the output."""
        raise NotImplementedError

    @property
    def trainable_variables(self) -> list[Variable]:
        """The cell's variables; none before it is called."""
        return list(self._made.values())

    trainable_weights = weights = variables = trainable_variables

    def call(self, inputs: Any, state: Any) -> tuple[Node, Any]:
        """Return output and state."""
        raise NotImplementedError

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Node, Any]:
        """Return output and state, in the scope of the cell's variables."""
        if self._scope is not None:
            with variable_scope(self._scope, reuse=self._reuse):
                return self.call(value(inputs), state)
        given = scope if scope is not None else self._name
        with variable_scope(given, self.scope_name, reuse=self._reuse) as self._scope:
            return self.call(value(inputs), state)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return a state of zeros for a number of samples, which may be a node."""
        return _zeros(self.state_size, batch_size, dtype)

    def variable(self, name: str, shape: Sequence[Any], initializer: Any = None) -> Variable:
        """Return a variable of the cell, which is made once."""
        if name not in self._made:
            self._made[name] = get_variable(name, shape, initializer=initializer)
        return self._made[name]

    def linear(self, inputs: Node, units: int, before: str = "", bias: Any = None) -> Node:
        """Return inputs @ kernel + bias."""
        kernel = self.variable(
            f"{before}kernel", [inputs.shape[1], units], self._kernel_initializer
        )
        b = self.variable(f"{before}bias", [units], zeros_initializer() if bias is None else bias)
        return bias_add(matmul(inputs, kernel), b)

    _kernel_initializer: Any = None


class BasicRNNCell(RNNCell):
    """h' = activation([x, h] kernel + bias), tanh by default; the output is the state."""

    scope_name = "basic_rnn_cell"

    def __init__(
        self,
        num_units: int,
        activation: Activation | None = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reuse, name)
        self._units = int(num_units)
        self._activation = activation or tanh

    @property
    def state_size(self) -> int:
        """The number of units."""
        return self._units

    output_size = state_size

    def call(self, inputs: Any, state: Any) -> tuple[Node, Any]:
        """Return the new state, twice."""
        h = self._activation(self.linear(concat([inputs, state], 1), self._units))
        return h, h


class GRUCell(RNNCell):
    """Cho et al. 2014: r, u = sigmoid([x, h] W + b); h' = u h + (1 - u) tanh([x, r h] W' + b').

    The bias of the gates starts at 1 unless an initializer is given.
    """

    scope_name = "gru_cell"

    def __init__(
        self,
        num_units: int,
        activation: Activation | None = None,
        reuse: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reuse, name)
        self._units = int(num_units)
        self._activation = activation or tanh
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    @property
    def state_size(self) -> int:
        """The number of units."""
        return self._units

    output_size = state_size

    def call(self, inputs: Any, state: Any) -> tuple[Node, Any]:
        """Return the new state, twice."""
        bias = self._bias_initializer or constant_initializer(1.0)
        gates = sigmoid(self.linear(concat([inputs, state], 1), 2 * self._units, "gates/", bias))
        r, u = split(gates, 2, 1)
        joined = concat([inputs, r * state], 1)
        bias = self._bias_initializer
        c = self._activation(self.linear(joined, self._units, "candidate/", bias))
        h = u * state + (1 - u) * c
        return h, h


class BasicLSTMCell(RNNCell):
    """Hochreiter & Schmidhuber 1997 with a forget gate; the gates in the order i, j, f, o.

    c' = sigmoid(f + forget_bias) c + sigmoid(i) activation(j); h' = sigmoid(o) activation(c').
    """

    scope_name = "basic_lstm_cell"

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Activation | None = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reuse, name)
        self._units = int(num_units)
        self._forget_bias = forget_bias
        self._is_tuple = state_is_tuple
        self._activation = activation or tanh

    @property
    def state_size(self) -> Any:
        """The numbers of units of c and h, or of both in one array."""
        return LSTMStateTuple(self._units, self._units) if self._is_tuple else 2 * self._units

    @property
    def output_size(self) -> int:
        """The number of units."""
        return self._units

    def call(self, inputs: Any, state: Any) -> tuple[Node, Any]:
        """Return h', and the state of c' and h'."""
        c, h = state if self._is_tuple else split(state, 2, 1)
        gates = self.linear(concat([inputs, h], 1), 4 * self._units)
        i, j, f, o = split(gates, 4, 1)
        c = c * sigmoid(f + self._forget_bias) + sigmoid(i) * self._activation(j)
        h = self._activation(c) * sigmoid(o)
        return h, LSTMStateTuple(c, h) if self._is_tuple else concat([c, h], 1)


class LSTMCell(BasicLSTMCell):
    """An LSTM with an initializer of its own.

    Raises
    ------
    OptionError
        For peepholes, clipping, projections and partitions, which are not there.
    """

    scope_name = "lstm_cell"

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Activation | None = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if use_peepholes or cell_clip or num_proj or proj_clip:
            raise OptionError(
                "LSTMCell",
                got=f"{use_peepholes=}, {cell_clip=}, {num_proj=}, {proj_clip=}",
                needs="none of these",
                cause="Peepholes, clipping and projections are not there.",
            )
        super().__init__(num_units, forget_bias, state_is_tuple, activation, reuse, name, dtype)
        self._kernel_initializer = initializer


class MultiRNNCell(RNNCell):
    """Cells one on another: the output of each is the input of the next."""

    scope_name = "multi_rnn_cell"

    def __init__(self, cells: Sequence[RNNCell], state_is_tuple: bool = True) -> None:
        super().__init__()
        if len({id(cell) for cell in cells}) < len(cells) or not state_is_tuple:
            raise OptionError(
                "MultiRNNCell",
                got="one cell more than once" if state_is_tuple else "state_is_tuple=False",
                needs="a cell of its own for each layer, and a tuple of states",
                cause="Is the list made by [cell] * n? [make_cell() for _ in range(n)] does it.",
            )
        self._cells = list(cells)

    @property
    def state_size(self) -> Any:
        """The state sizes of the cells."""
        return tuple([cell.state_size for cell in self._cells])

    @property
    def output_size(self) -> Any:
        """The number of units of the last cell."""
        return self._cells[-1].output_size

    def call(self, inputs: Any, state: Any) -> tuple[Node, Any]:
        """Return the last output and all states."""
        states = []
        for i, (cell, before) in enumerate(zip(self._cells, state, strict=True)):
            with variable_scope(f"cell_{i}"):
                inputs, after = cell(inputs, before)
            states.append(after)
        return inputs, tuple(states)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return the states of zeros of the cells."""
        return tuple([cell.zero_state(batch_size, dtype) for cell in self._cells])


class DropoutWrapper(RNNCell):
    """A cell with dropout on its input and its output, drawn anew at every step.

    Raises
    ------
    OptionError
        For dropout of the state, and masks that are kept from step to step.
    """

    def __init__(
        self,
        cell: RNNCell,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        if variational_recurrent or isinstance(state_keep_prob, Node) or state_keep_prob != 1:
            raise OptionError(
                "DropoutWrapper",
                got=f"{state_keep_prob=}, {variational_recurrent=}",
                needs="dropout of inputs and outputs alone",
                cause="The others are not there.",
            )
        self._cell = cell
        self._keep = input_keep_prob, output_keep_prob
        self._seed = seed

    @property
    def state_size(self) -> Any:
        """The state size of the cell."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The output size of the cell."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return the state of zeros of the cell."""
        return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Node, Any]:
        """Return the output, dropped from, and the state."""
        before, after = self._keep
        output, state = self._cell(dropout(inputs, before, seed=self._seed), state, scope)
        return dropout(output, after, seed=self._seed), state


def _zeros(size: Any, batch_size: Any, dtype: Any) -> Any:
    if isinstance(size, tuple):
        parts = [_zeros(n, batch_size, dtype) for n in size]
        return type(size)(*parts) if hasattr(size, "_fields") else tuple(parts)
    return zeros([batch_size, size], float32 if dtype is None else dtype)


__getattr__ = missing("tf.nn.rnn_cell", __all__)
