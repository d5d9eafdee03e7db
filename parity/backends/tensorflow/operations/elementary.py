"""Elementary functions, quotients and powers."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return elementary functions, quotients and powers."""
    return Family(
        {
            "abs": tf.abs,
            "cos": tf.cos,
            "divide": tf.divide,
            "exp": tf.exp,
            "log": tf.math.log,
            "power": tf.pow,
            "sin": tf.sin,
            "sqrt": tf.sqrt,
        },
        rounds_between=frozenset({"cos", "divide", "exp", "log", "power", "sin", "sqrt"}),
    )
