"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return softmax and its logarithm."""
    every = {"log_softmax": tf.nn.log_softmax, "softmax": tf.nn.softmax}
    return Family(every, rounds_between=frozenset(every))
