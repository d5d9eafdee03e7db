"""The one known difference of TensorFlow 1's optimizers: what Adam holds in float32.

It counts its updates by powers of its decay rates in float32, whatever dtype the variables have.
1 - beta2^t, a difference of numbers near 1, is off by up to 3e-8 / (1 - beta2^t) of itself: 1.5e-5
at the second update. (That a learning rate and the like are float32 too, ``refnet.tf1`` has.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from parity.backends.base import Array
from parity.programs.own import Before, Plan
from refnet.graph import Node
from refnet.optimizers import Adam

REASON = (
    "TensorFlow 1 holds the powers of Adam's decay rates in float32; refnet computes them in "
    "float64"
)


@contextmanager
def rounded(plan: Plan, before: Before) -> Iterator[dict[Node, Array]]:
    """Let refnet's optimizers compute, within the block, with what TensorFlow's hold.

    Yields what is to be fed beside the step's own feeds: rates that the graph computes. The powers
    of Adam go into its rate, by which alone they count.
    """
    kept = [(apply, apply.optimizer) for apply in plan.applies]
    fed: dict[Node, Array] = {}
    try:
        for apply, optimizer in kept:
            made: Any = optimizer
            factor = _correction(made, plan.done(apply, before.state) + 1)
            rate = plan.rate(apply, before)
            if rate is not None:
                node, value = rate
                fed[node] = np.asarray(value * factor)
            elif isinstance(made.lr, float):
                made = replace(made, lr=made.lr * factor)
            apply.optimizer = made
        yield fed
    finally:
        for apply, optimizer in kept:
            apply.optimizer = optimizer


def _correction(optimizer: Any, t: int) -> float:
    """Return what Adam's rate at update t is times, by powers in float32; 1 for others.

    Examples
    --------
    >>> 1e-7 < abs(_correction(Adam(), 2) - 1) < 1e-5
    True
    """
    if not isinstance(optimizer, Adam):
        return 1.0
    b1, b2 = optimizer.beta1, optimizer.beta2
    p1, p2 = (float(np.float32(b**t)) for b in (b1, b2))
    return math.sqrt((1 - p2) / (1 - b2**t)) * (1 - b1**t) / (1 - p1)
