"""Words of causes and verdicts."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> listed(["torch", "keras", "optax"])
    'torch, keras and optax'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def have(systems: Sequence[str]) -> str:
    """Return systems with the verb that goes with so many.

    Examples
    --------
    >>> have(["keras"]), have(["optax", "torch"])
    ('keras has', 'optax and torch have')
    """
    return f"{listed(systems)} {'has' if len(systems) == 1 else 'have'}"


def capital(words: str) -> str:
    """Return words with the first letter in upper case, the others as they are."""
    return words[:1].upper() + words[1:]
