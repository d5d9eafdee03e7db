"""Texts as bags of words: how often each word of a vocabulary occurs in each text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import ArgumentError, DomainError, ShapeError

LABELS = {"positive": 1, "negative": 0, "1": 1, "0": 0, "+1": 1, "-1": 0}


def words_of(text: str) -> list[str]:
    r"""Return the words of a text, in order: what white space separates, in lower case.

    Examples
    --------
    >>> words_of("To be, or\tnot")
    ['to', 'be,', 'or', 'not']
    """
    return text.lower().split()


class Bags(NamedTuple):
    """Which words occur in each of N texts, and how often, one text after another.

    Text i has the words ``words[starts[i] : starts[i + 1]]``, as positions in a vocabulary, each
    once, and their ``counts``.
    """

    starts: Array
    words: Array
    counts: Array

    def fill(self, x: Array, texts: Iterable[int], *, presence: bool) -> None:
        """Write rows of counts, or of ones for the words that occur, for ``texts`` into zeros x."""
        for row, i in zip(x, texts, strict=True):
            part = slice(self.starts[i], self.starts[i + 1])
            row[self.words[part]] = 1 if presence else self.counts[part]

    def clear(self, x: Array, texts: Iterable[int]) -> None:
        """Write zeros where :meth:`fill` wrote."""
        for row, i in zip(x, texts, strict=True):
            row[self.words[self.starts[i] : self.starts[i + 1]]] = 0

    def over(self, kept: Array) -> Bags:
        """Return the bags over the part of the vocabulary that is ``kept`` (V,), renumbered."""
        of_words = kept[self.words]
        place = np.cumsum(kept) - 1
        starts = np.concatenate([[0], np.cumsum(of_words)])[self.starts]
        return Bags(starts, place[self.words[of_words]], self.counts[of_words])


class WordCounts(NamedTuple):
    """How often each word occurs in the positive texts and in the negative ones.

    ``words`` are in the order in which they first occur; ``texts`` says how many texts are positive
    and how many negative.
    """

    words: tuple[str, ...]
    positive: Array
    negative: Array
    texts: tuple[int, int]

    @property
    def total(self) -> Array:
        """How often each word occurs."""
        return np.asarray(self.positive + self.negative)

    def log_ratios(self) -> Array:
        """Return how much more often each word occurs in positive texts: log (p / q), 0 if neutral.

        p = pos / P + a and q = neg / N + a are how often it occurs in one of the P and N texts of
        either class, with a = 2 / (P + N) so that nothing is divided by zero. For classes of as
        many texts that is log((pos + 1) / (neg + 1)).
        """
        a, b = (max(n, 1) for n in self.texts)
        unseen = 2 / (a + b)
        return np.asarray(np.log(self.positive / a + unseen) - np.log(self.negative / b + unseen))

    def most_common(self, kind: str = "total", n: int | None = None) -> list[tuple[str, int]]:
        """Return the n most common words (all by default) with their counts, most common first.

        ``kind`` is "positive", "negative" or "total"; of equally common words the one that occurs
        first in the texts comes first.

        Raises
        ------
        OptionError
            If kind is none of these, or n no integer or negative.
        """
        name = checks.choice("most_common", "kind", kind, ("positive", "negative", "total"))
        counts: Array = getattr(self, name)
        order = np.argsort(-counts, kind="stable")
        if n is not None:
            order = order[: checks.count("most_common", "n", n)]
        return [(self.words[i], int(counts[i])) for i in order]


def count_words(texts: Sequence[str], labels: Any) -> WordCounts:
    """Return how often each word occurs in the texts of either class.

    Parameters
    ----------
    texts : sequence of str
        N texts; words are what white space separates, in lower case.
    labels : array (N,)
        1, True or "positive" for a positive text; 0, False or "negative" for a negative one.

    Raises
    ------
    ArgumentError
        If texts is no sequence of strings.
    ShapeError
        If there are not as many labels.
    DomainError
        If a label is none of these.

    Examples
    --------
    >>> counts = count_words(["A good film", "a bad film", "good good"], [1, 0, 1])
    >>> counts.most_common("positive", 2)
    [('good', 3), ('a', 1)]
    >>> dict(zip(counts.words, counts.negative.tolist()))
    {'a': 1, 'good': 0, 'film': 1, 'bad': 1}
    >>> counts.log_ratios().argmax()
    np.int64(1)
    """
    return counted(texts, labels)[0]


def counted(texts: Sequence[str], labels: Any) -> tuple[WordCounts, Bags]:
    """Return what :func:`count_words` does, and the bags of the texts over all of its words."""
    place: dict[str, int] = {}
    checked_texts(texts)
    positive = checked_labels(labels, len(texts))
    bags = bags_of(texts, place, grow=True)
    of_positive = np.repeat(positive, np.diff(bags.starts))
    good, bad = (
        np.bincount(bags.words[chosen], bags.counts[chosen], len(place)).astype(np.int64)
        for chosen in (of_positive, ~of_positive)
    )
    of_either = int(positive.sum()), int((~positive).sum())
    return WordCounts(tuple(place), good, bad, of_either), bags


def bags_of(texts: Sequence[str], place: dict[str, int], *, grow: bool = False) -> Bags:
    """Return the bags of texts over the vocabulary ``place``, from word to position.

    Words that it does not have are added to it if it may ``grow``, and else left out.
    """
    checked_texts(texts)
    found: list[int] = []
    ends = [0]
    for text in texts:
        if grow:
            found += [place.setdefault(word, len(place)) for word in words_of(text)]
        else:
            found += [place[word] for word in words_of(text) if word in place]
        ends.append(len(found))
    # Every word as one number, text by text, so that a single sort counts them all.
    rows = np.repeat(np.arange(len(texts)), np.diff(ends))
    width = max(len(place), 1)
    keys, counts = np.unique(rows * width + np.array(found, np.int64), return_counts=True)
    starts = np.searchsorted(keys, np.arange(len(texts) + 1) * width)
    return Bags(starts, keys % width, counts)


def checked_texts(texts: Any) -> Sequence[str]:
    """Return ``texts`` if it is a sequence of strings."""
    plain = isinstance(texts, Sequence | np.ndarray) and not isinstance(texts, str | bytes)
    wrong = [] if not plain else [text for text in texts if not isinstance(text, str)]
    if not plain or wrong:
        what = wrong[0] if wrong else texts
        raise ArgumentError(
            "texts",
            got=f"{'a text' if wrong else 'texts'} of type {type(what).__name__}",
            needs="a list of strings, one per text",
            cause="Is a single text passed without a list, or a file that is to be read?",
        )
    return cast(Sequence[str], texts)


def checked_labels(labels: Any, n: int) -> Array:
    """Return which of n texts are positive, as bools, from labels of 0 and 1 or their names."""
    given = as_array("labels", "labels", labels)
    if given.shape != (n,):
        raise ShapeError(
            "labels",
            got=f"labels {given.shape} for {n} text(s)",
            needs=f"labels ({n},), one per text",
            cause="Do they come from different parts of the data?",
        )
    if given.dtype.kind == "U":
        given = np.array([LABELS.get(mark.strip().lower(), mark) for mark in given.tolist()], "O")
    positive = np.asarray(given == 1, bool)
    bad = ~(positive | (given == 0))
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            "labels",
            got=f"label {given[place]!s} at position {place[0]}",
            needs="1, True or 'positive', or 0, False or 'negative'",
            cause="Are they scores, or labels of three classes?",
        )
    return positive
