"""Learning rates that are computed from the number of updates done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from refnet.graph import Node, binary
from refnet.tf1.arithmetic import cast, cos, exp, floor, minimum
from refnet.tf1.arrays import where
from refnet.tf1.values import float32, floats, value


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate decay_rate^(step / decay_steps), rounded down if ``staircase``."""
    p = _share(global_step, decay_steps, staircase)
    return binary("multiply", learning_rate, binary("power", decay_rate, p), name)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate exp(-decay_rate step / decay_steps)."""
    p = _share(global_step, decay_steps, staircase)
    return binary("multiply", learning_rate, exp(-decay_rate * p), name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Node:
    """Return learning_rate / (1 + decay_rate step / decay_steps)."""
    p = _share(global_step, decay_steps, staircase)
    return binary("divide", learning_rate, 1.0 + decay_rate * p, name)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: float = 0.0001,
    power: float = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Node:
    """Return (learning_rate - end) (1 - step / decay_steps)^power + end, end after decay_steps."""
    from refnet.errors import OptionError

    if cycle:
        raise OptionError(
            "polynomial_decay", got="cycle=True", needs="False", cause="Cycles are not there."
        )
    left = 1.0 - minimum(_share(global_step, decay_steps, False), 1.0)
    return binary(
        "add",
        (learning_rate - end_learning_rate) * binary("power", left, float(power)),
        end_learning_rate,
        name,
    )


def cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    alpha: float = 0.0,
    name: str | None = None,
) -> Node:
    """Return learning_rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha)."""
    p = minimum(_share(global_step, decay_steps, False), 1.0)
    fallen = (1.0 - alpha) * (0.5 * (1.0 + cos(math.pi * p))) + alpha
    return binary("multiply", learning_rate, fallen, name)


def piecewise_constant(
    x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None
) -> Node:
    """Return values[0] up to boundaries[0] (included), values[1] up to boundaries[1], ..."""
    step = value(x)
    found = value(values[-1], float32)
    for boundary, rate in reversed(list(zip(boundaries, values, strict=False))):
        found = where(binary("less_equal", step, boundary), value(rate, float32), found)
    return found if name is None else binary("multiply", found, 1.0, name)


def _share(global_step: Any, decay_steps: Any, staircase: bool) -> Node:
    step = value(global_step)
    if not floats(step):
        step = cast(step, float32)
    steps = cast(decay_steps, float32) if isinstance(decay_steps, Node) else float(decay_steps)
    share = step / steps
    return floor(share) if staircase else share
