"""Softmax and its logarithm."""

from __future__ import annotations

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return softmax and its logarithm."""
    nn = modules.jax.nn
    every = {"log_softmax": nn.log_softmax, "softmax": nn.softmax}
    return Family(every, rounds_between=frozenset(every))
