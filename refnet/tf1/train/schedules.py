"""Learning rates that are computed from the number of updates done.

They have the dtype of ``learning_rate``, a Python float's is float32: the step and the other
arguments are cast to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from refnet.errors import DtypeError, OptionError
from refnet.graph import Node, binary
from refnet.tf1.arithmetic import cast, ceil, cos, exp, floor, maximum, minimum, multiply, negative
from refnet.tf1.arrays import identity, where
from refnet.tf1.values import int32, int64, value


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate decay_rate^(step / decay_steps), rounded down if ``staircase``.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> with tf.Graph().as_default():
    ...     steps = tf.train.get_or_create_global_step()  # int64
    ...     tf.train.exponential_decay(0.1, steps, 1000, 0.96).dtype
    dtype('float32')
    """
    rate = value(learning_rate)
    with rate.graph.name_scope(name or "ExponentialDecay") as scope:
        p = _share(global_step, decay_steps, rate, staircase)
        return binary("multiply", rate, binary("power", cast(decay_rate, rate.dtype), p), scope)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate exp(-decay_rate)^(step / decay_steps)."""
    falling = exp(negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, falling, staircase, name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate / (1 + decay_rate step / decay_steps)."""
    rate = value(learning_rate)
    with rate.graph.name_scope(name or "InverseTimeDecay") as scope:
        p = _share(global_step, decay_steps, rate, staircase)
        return binary("divide", rate, 1.0 + cast(decay_rate, rate.dtype) * p, scope)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Node:
    """Return (learning_rate - end) (1 - step / decay_steps)^power + end, end after decay_steps.

    With ``cycle`` decay_steps is the least multiple of itself that the step does not exceed.
    """
    rate = value(learning_rate)
    with rate.graph.name_scope(name or "PolynomialDecay") as scope:
        share = _share(global_step, decay_steps, rate)
        done = share / maximum(1.0, ceil(share)) if cycle else minimum(share, 1.0)
        end, exponent = cast(end_learning_rate, rate.dtype), cast(power, rate.dtype)
        return binary("add", (rate - end) * binary("power", 1.0 - done, exponent), end, scope)


def cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Node:
    """Return learning_rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha)."""
    rate = value(learning_rate)
    with rate.graph.name_scope(name or "CosineDecay"):
        p = minimum(_share(global_step, decay_steps, rate), 1.0)
        fallen = (1.0 - alpha) * (0.5 * (1.0 + cos(math.pi * p))) + alpha
        return multiply(rate, fallen)


def piecewise_constant(
    x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None
) -> Node:
    """Return values[0] up to boundaries[0] (included), values[1] up to boundaries[1], ...

    Its dtype is that of the values. Boundaries are of the dtype of x, or int32 where that is int64.

    Raises
    ------
    DtypeError
        If boundaries are of another dtype than x, or values of several.
    OptionError
        If there is not one value more than boundaries.
    """
    if len(values) != len(boundaries) + 1:
        raise OptionError(
            "piecewise_constant",
            got=f"{len(boundaries)} boundaries and {len(values)} values",
            needs="one value more than boundaries",
            cause="The last value holds after the last boundary.",
        )
    step, rates, ends = value(x), [value(v) for v in values], [value(b) for b in boundaries]
    for rate in rates:
        if rate.dtype != rates[0].dtype:
            raise _of_other_dtype(rate, f"{rates[0].dtype}, that of the first value")
    for end in ends:
        if end.dtype != step.dtype and (end.dtype, step.dtype) != (int32, int64):
            raise _of_other_dtype(end, f"{step.dtype}, that of x")
    with step.graph.name_scope(name or "PiecewiseConstant"):
        found = rates[-1]
        for end, rate in reversed(list(zip(ends, rates[:-1], strict=True))):
            found = where(binary("less_equal", step, cast(end, step.dtype)), rate, found)
        return identity(found)


def _of_other_dtype(node: Node, needs: str) -> DtypeError:
    return DtypeError(
        "piecewise_constant",
        got=f"{node.name!r} of dtype {node.dtype}",
        needs=needs,
        cause="Is a cast missing, or are boundaries floats where the step is an integer?",
    )


def _share(global_step: Any, decay_steps: Any, rate: Node, staircase: bool = False) -> Node:
    """Return step / decay_steps in the dtype of a learning rate."""
    share = binary("divide", cast(global_step, rate.dtype), cast(decay_steps, rate.dtype))
    return floor(share) if staircase else share
