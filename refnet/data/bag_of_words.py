"""Texts as counts of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from refnet.arrays import FLOAT64, Array
from refnet.data.words import words_of
from refnet.errors import ArgumentError


def bag_of_words(text: str, vocabulary: Sequence[str]) -> Array:
    """Return how often each word of ``vocabulary`` (V,) occurs in ``text``: (V,) in float64.

    Words are what white space separates, in lower case; those outside the vocabulary do not count.

    Raises
    ------
    ArgumentError
        If ``text`` is no string, or ``vocabulary`` no sequence of distinct words.

    Examples
    --------
    >>> bag_of_words("To be or not to be", ["to", "be", "is"])
    array([2., 2., 0.])
    """
    words = () if isinstance(vocabulary, str) else tuple(vocabulary)
    if not isinstance(text, str) or not words or len(set(words)) < len(words):
        raise ArgumentError(
            "bag_of_words",
            got=f"a text of type {type(text).__name__} and {len(words)} words",
            needs="a string, and a sequence of distinct words",
            cause="Was the vocabulary passed as one string, or with a word twice?",
        )
    place = {word: i for i, word in enumerate(words)}
    counts = np.zeros(len(words), FLOAT64)
    for word in words_of(text):
        if word in place:
            counts[place[word]] += 1
    return counts
