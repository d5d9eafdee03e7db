"""Cells run along sequences: one copy of the cell's operations per step of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refnet.errors import OptionError, ShapeError
from refnet.graph import Node, binary
from refnet.tf1.arrays import concat, reverse, shape, stack, transpose, unstack, where, zeros_like
from refnet.tf1.nn.rnn_cell import RNNCell
from refnet.tf1.picking import reverse_sequence
from refnet.tf1.values import value
from refnet.tf1.variables import variable_scope


def static_rnn(
    cell: RNNCell,
    inputs: Sequence[Any],
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Node], Any]:
    """Return the outputs, a list as long as that of the inputs, and the last state.

    Beyond ``sequence_length`` of a sample its outputs are 0 and its state stays.

    Raises
    ------
    OptionError
        If neither ``initial_state`` nor ``dtype`` is given, or no inputs.
    """
    if not isinstance(inputs, list | tuple) or not inputs or (initial_state is dtype is None):
        raise OptionError(
            "static_rnn",
            got=f"inputs of type {type(inputs).__name__}, {initial_state=}, {dtype=}",
            needs="a list of nodes, one per step of time, and an initial state or a dtype",
            cause="unstack(x, axis=1) makes the list.",
        )
    nodes = [value(x) for x in inputs]
    lengths = None if sequence_length is None else value(sequence_length)
    samples = nodes[0].shape[0]
    n = shape(nodes[0])[0] if samples is None else samples
    state = cell.zero_state(n, dtype) if initial_state is None else initial_state
    outputs = []
    with variable_scope("rnn" if scope is None else scope) as made:
        for t, x in enumerate(nodes):
            if t == 1:
                made.reuse_variables()
            output, after = cell(x, state)
            if lengths is not None:
                going = binary("greater", lengths, t)
                output = where(going, output, zeros_like(output))
                after = _each(lambda new, old, on=going: where(on, new, old), after, state)
            outputs.append(output)
            state = after
    return outputs, state


def dynamic_rnn(
    cell: RNNCell,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Node, Any]:
    """Return the outputs, (samples, times, units), and the last state.

    ``inputs`` are (samples, times, features); with ``time_major`` times come first, here and there.

    Raises
    ------
    ShapeError
        If the number of steps is not known: a graph here has one node per step.
    """
    x = value(inputs)
    axis = 0 if time_major else 1
    if x.dims is None or x.dims[axis] is None:
        raise ShapeError(
            f"dynamic_rnn of {x.name!r}",
            got=f"the shape {x.shape}",
            needs="a number of steps that is known when the graph is made",
            cause="Was a placeholder made with None there? Sequences are padded to one length, and "
            "sequence_length says where each ends.",
        )
    steps = unstack(x, axis=axis)
    outputs, state = static_rnn(cell, steps, initial_state, dtype, sequence_length, scope)
    return stack(outputs, axis), state


def static_bidirectional_rnn(
    cell_fw: RNNCell,
    cell_bw: RNNCell,
    inputs: Sequence[Any],
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Node], Any, Any]:
    """Return the outputs of a cell forwards and one backwards, joined, and both last states.

    Raises
    ------
    OptionError
        For ``sequence_length``, which the dynamic one takes.
    """
    if sequence_length is not None:
        raise OptionError(
            "static_bidirectional_rnn",
            got="a sequence_length",
            needs="None",
            cause="bidirectional_dynamic_rnn takes it.",
        )
    with variable_scope("bidirectional_rnn" if scope is None else scope):
        forth, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, scope="fw")
        back, state_bw = static_rnn(cell_bw, inputs[::-1], initial_state_bw, dtype, scope="bw")
    joined = [concat([a, b], 1) for a, b in zip(forth, back[::-1], strict=True)]
    return joined, state_fw, state_bw


def bidirectional_dynamic_rnn(
    cell_fw: RNNCell,
    cell_bw: RNNCell,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[tuple[Node, Node], tuple[Any, Any]]:
    """Return outputs and last states of a cell forwards and one backwards, each a pair."""
    x = transpose(value(inputs), (1, 0, 2)) if time_major else value(inputs)
    n = sequence_length

    def turned(y: Node) -> Node:
        return reverse(y, [1]) if n is None else reverse_sequence(y, n, 1, 0)

    with variable_scope("bidirectional_rnn" if scope is None else scope):
        forth, state_fw = dynamic_rnn(cell_fw, x, n, initial_state_fw, dtype, scope="fw")
        back, state_bw = dynamic_rnn(cell_bw, turned(x), n, initial_state_bw, dtype, scope="bw")
    outputs = forth, turned(back)
    if time_major:
        outputs = transpose(outputs[0], (1, 0, 2)), transpose(outputs[1], (1, 0, 2))
    return outputs, (state_fw, state_bw)


def _each(f: Callable[..., Node], a: Any, b: Any) -> Any:
    """Return f of the nodes of two structures, in that structure."""
    if not isinstance(a, tuple):
        return f(a, b)
    parts = [_each(f, x, y) for x, y in zip(a, b, strict=True)]
    return type(a)(*parts) if hasattr(a, "_fields") else tuple(parts)
