"""Reviews with their labels: from files with one a line, or generated."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.data.words import LABELS
from refnet.errors import DataFileError

_POSITIVE = """
excellent wonderful great perfect superb amazing brilliant loved favorite best beautiful
enjoyable delightful touching moving hilarious fantastic memorable charming gripping stunning
refreshing masterful captivating heartwarming terrific outstanding flawless lovely powerful
"""
_NEGATIVE = """
awful terrible worst boring waste poorly horrible dull disappointing lame ridiculous mess
pointless weak annoying bland tedious unfunny clumsy pathetic laughable forgettable painful
dreadful mediocre lifeless insulting predictable cheap unwatchable
"""
_FREQUENT = """
the and a of to is in it i this that was as with for movie but film on you not are he his have
be one at by an they who from all so her or about has just out some there more
"""
POSITIVE, NEGATIVE, FREQUENT = (text.split() for text in (_POSITIVE, _NEGATIVE, _FREQUENT))
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


class Reviews(NamedTuple):
    """Texts, and their labels (N,) of int64: 1 for positive and 0 for negative."""

    texts: list[str]
    labels: Array


def read_reviews(
    reviews: str | os.PathLike[str], labels: str | os.PathLike[str], *, encoding: str = "utf-8"
) -> Reviews:
    r"""Read reviews and their labels, one a line, such as reviews.txt and labels.txt.

    An empty line is an empty review. A byte-order mark and spaces around labels do not matter, nor
    do empty lines at the end of the labels.

    Parameters
    ----------
    reviews : path
        A review a line.
    labels : path
        A label a line: ``positive`` or ``negative``, in any case, or 1 or 0 (or -1).
    encoding : str
        That of both files.

    Raises
    ------
    DataFileError
        If a file cannot be read, is empty or not in the encoding, the numbers of lines differ, or a
        label is none of these.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     texts, labels = (pathlib.Path(folder) / name for name in ("r.txt", "l.txt"))
    ...     _ = texts.write_text("a good film\nnot so good\n")
    ...     _ = labels.write_text("positive\nnegative\n")
    ...     found = read_reviews(texts, labels)
    >>> found.texts, found.labels
    (['a good film', 'not so good'], array([1, 0]))
    """
    texts, marks = _lines(reviews, encoding), _lines(labels, encoding)
    while marks and not marks[-1].strip():
        marks.pop()
    while len(texts) > len(marks) and not texts[-1].strip():
        texts.pop()
    if len(texts) != len(marks) or not texts:
        raise DataFileError(
            "read_reviews",
            got=f"{len(texts):,} review(s) in {os.fspath(reviews)} and {len(marks):,} label(s) in "
            f"{os.fspath(labels)}",
            needs="at least one review, and a label for each, one a line",
            cause="Is a file cut off, empty, or has a review line breaks in it?",
        )
    found = [LABELS.get(mark.strip().lower()) for mark in marks]
    if None in found:
        i = found.index(None)
        raise DataFileError(
            "read_reviews",
            got=f"the label {marks[i].strip()[:40]!r} in line {i + 1} of {os.fspath(labels)}",
            needs=f"one of {', '.join(LABELS)}",
            cause="Were the two files passed in the other order?",
        )
    return Reviews(texts, np.array(found, np.int64))


def read_reviews_by_class(
    positive: str | os.PathLike[str], negative: str | os.PathLike[str], *, encoding: str = "utf-8"
) -> Reviews:
    r"""Read positive reviews from one file and negative ones from another, one a line.

    The positive ones come first; empty lines are left out.

    Raises
    ------
    DataFileError
        If a file cannot be read, has no review, or is not in the encoding.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     good, bad = (pathlib.Path(folder) / name for name in ("good.txt", "bad.txt"))
    ...     _ = good.write_text("a good film\n"), bad.write_text("not so good\n")
    ...     found = read_reviews_by_class(good, bad)
    >>> found.texts, found.labels
    (['a good film', 'not so good'], array([1, 0]))
    """
    parts = []
    for path in (positive, negative):
        texts = [line for line in _lines(path, encoding) if line.strip()]
        if not texts:
            raise DataFileError(
                "read_reviews_by_class",
                got=f"{os.fspath(path)}, without a review",
                needs="at least one review of each class",
                cause="Is the file empty?",
            )
        parts.append(texts)
    good, bad = parts
    return Reviews(good + bad, np.repeat([1, 0], [len(good), len(bad)]))


def _lines(path: str | os.PathLike[str], encoding: str) -> list[str]:
    """Return a file's lines; what ends one is a newline alone, however Unicode sees it."""
    try:
        with open(os.fspath(path), "rb") as file:  # an int would be an open file's number
            data = file.read()
        lines = data.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataFileError(
            "read_reviews",
            got=f"{os.fspath(path)}, whose line {line} is not {encoding} ({error.reason})",
            needs=f"text in {encoding}",
            cause='Is it an older file? Try encoding="latin-1".',
        ) from error
    except (OSError, LookupError, ValueError, TypeError) as error:
        raise DataFileError(
            "read_reviews",
            got=f"{path!r}, which cannot be read ({error})",
            needs="a file of text, and the name of its encoding",
            cause="Is the path right?",
        ) from error
    return lines[:-1] if lines[-1] == "" else lines


def generated_reviews(
    n: int, *, rng: np.random.Generator, words: int = 2000, length: int = 120
) -> Reviews:
    """Return n generated reviews, half of them positive, as the default where there is no corpus.

    Each is about ``length`` words long. Most of them say nothing: ``words`` neutral words, whose
    frequencies follow Zipf's law (1949), the common ones of English first and made-up ones after.
    One in thirty says what the review thinks of the film, and of those one in five says the
    opposite ("not boring"). Every second review also keeps repeating one such word without meaning
    it, as if it were the film's title: to count words is to be misled by it.

    Parameters
    ----------
    n : int
        Reviews, at least 2.
    rng : numpy.random.Generator
        Draws them.
    words : int
        Neutral words, at least 1.
    length : int
        Words in a review on average, at least 10.

    Raises
    ------
    OptionError
        If n, words or length is no integer or too small.
    DtypeError
        If rng is no generator.

    Examples
    --------
    >>> texts, labels = generated_reviews(4, rng=np.random.default_rng(0), length=10)
    >>> len(texts), labels.tolist()
    (4, [1, 0, 1, 0])
    """
    name = "generated_reviews"
    count = checks.count(name, "n", n, low=2)
    neutral = checks.count(name, "words", words, low=1)
    mean = checks.count(name, "length", length, low=10)
    checks.generator(name, rng)
    vocabulary = np.array([*POSITIVE, *NEGATIVE, *map(_neutral_word, range(neutral))])
    either = len(POSITIVE)
    neutral_ranks, opinion_ranks = _zipf(neutral), _zipf(either)
    labels = (np.arange(count) + 1) % 2
    texts = []
    for label in labels:
        size = int(rng.integers(mean // 2, mean * 3 // 2))
        drawn = neutral_ranks.searchsorted(rng.random(size)) + 2 * either
        said = 1 + rng.binomial(size, 1 / 30)
        meant = rng.random(said) < 0.8
        opinions = opinion_ranks.searchsorted(rng.random(said)) + either * (meant != label)
        title = np.repeat(rng.integers(2 * either), rng.integers(2) * rng.integers(3, 12))
        every = rng.permutation(np.concatenate([drawn, opinions, title]))
        texts.append(" ".join(vocabulary[every]))
    return Reviews(texts, labels)


def _zipf(n: int) -> Array:
    """Return the cumulative frequencies of n words, in Mandelbrot's form of Zipf's law."""
    frequencies = np.cumsum(1 / (np.arange(n) + 2.7))
    return np.asarray(frequencies / frequencies[-1])


def _neutral_word(rank: int) -> str:
    """Return the neutral word of a rank: a common one of English, or a made-up one."""
    if rank < len(FREQUENT):
        return FREQUENT[rank]
    rest, syllables = rank - len(FREQUENT), ""
    for _ in range(3):
        rest, at = divmod(rest, len(_CONSONANTS) * len(_VOWELS))
        syllables += _CONSONANTS[at // len(_VOWELS)] + _VOWELS[at % len(_VOWELS)]
    return syllables + (str(rest) if rest else "")
