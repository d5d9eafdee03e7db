"""Elementwise arithmetic."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return elementwise arithmetic."""
    return Family(
        {
            "add": tf.add,
            "multiply": tf.multiply,
            "square": tf.square,
            "subtract": tf.subtract,
        },
        # Under broadcasting the VJP is a product and a sum.
        rounds_between=frozenset({"add", "multiply", "subtract"}),
    )
