from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet.data import count_words, generated_reviews, read_reviews, read_reviews_by_class
from refnet.data.reviews import FREQUENT, NEGATIVE, POSITIVE, _neutral_word


@pytest.fixture
def files(tmp_path):
    """Return a function that writes files of bytes and returns their paths."""

    def write(*contents):
        paths = [tmp_path / f"{i}.txt" for i in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        return paths

    return write


@pytest.mark.parametrize(
    ("reviews", "labels", "texts", "expected"),
    [
        (b"good\nbad\n", b"positive\nnegative\n", ["good", "bad"], [1, 0]),
        (b"good\nbad", b" Positive\nNEGATIVE", ["good", "bad"], [1, 0]),
        (b"a\r\nb\r\n", b"1\r\n0\r\n", ["a", "b"], [1, 0]),
        (b"a\n\nc\n", b"+1\n-1\n0\n", ["a", "", "c"], [1, 0, 0]),  # an empty review
        (b"a\nb\n", b"1\n0\n\n  \n", ["a", "b"], [1, 0]),
        (b"a\nb\n\n", b"1\n0\n", ["a", "b"], [1, 0]),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbf1\n", ["a"], [1]),
        ("é\u2028x\x85y\n".encode(), b"1\n", ["é\u2028x\x85y"], [1]),  # one line each
    ],
)
def test_reading(files, reviews, labels, texts, expected):
    found = read_reviews(*files(reviews, labels))
    assert found.texts == texts
    assert found.labels.tolist() == expected
    assert found.labels.dtype == np.int64


def test_two_files(files):
    found = read_reviews_by_class(*files(b"good\n\nfine\n", b"bad"))
    assert found.texts == ["good", "fine", "bad"]
    assert found.labels.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("reviews", "labels", "match"),
    [
        (b"a\nb\n", b"1\n", r"2 review\(s\).*1 label"),
        (b"a\n", b"1\n0\n", r"1 review\(s\).*2 label"),
        (b"", b"", r"0 review\(s\)"),
        (b"\n", b"\n", r"0 review\(s\)|1 review\(s\)"),
        (b"a\nb\nc\n", b"1\n0\nneutral\n", "'neutral' in line 3"),
        (b"a\nb\n", b"1\n\n0\n", "2 review"),
        (b"ok\ncaf\xe9\n", b"1\n0\n", "line 2 is not utf-8.*latin-1"),
    ],
)
def test_files_that_are_refused(files, reviews, labels, match):
    with pytest.raises(rn.DataFileError, match=match):
        read_reviews(*files(reviews, labels))


def test_an_older_file_by_its_encoding(files):
    paths = files(b"caf\xe9\n", b"1\n")
    assert read_reviews(*paths, encoding="latin-1").texts == ["café"]
    with pytest.raises(rn.DataFileError, match="encoding"):
        read_reviews(*paths, encoding="no such thing")


def test_missing_and_empty_files(files, tmp_path):
    (good,) = files(b"good\n")
    for other in (tmp_path / "missing.txt", tmp_path, 3.5, None):
        with pytest.raises(rn.DataFileError, match="cannot be read"):
            read_reviews(good, other)
    with good.open("rb") as file, pytest.raises(rn.DataFileError, match="cannot be read"):
        read_reviews(file.fileno(), good)  # which would be read and closed
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"\n \n")
    with pytest.raises(rn.DataFileError, match="without a review"):
        read_reviews_by_class(good, empty)


def test_generated_words():
    every = [*POSITIVE, *NEGATIVE, *map(_neutral_word, range(20_000))]
    assert len(set(every)) == len(every)
    assert len(POSITIVE) == len(NEGATIVE)
    assert _neutral_word(0) == FREQUENT[0] == "the"


def test_generated_reviews():
    texts, labels = generated_reviews(400, rng=np.random.default_rng(0), words=1000, length=80)
    again = generated_reviews(400, rng=np.random.default_rng(0), words=1000, length=80)
    assert (texts, labels.tolist()) == (again.texts, again.labels.tolist())
    assert labels.sum() == 200
    counts = count_words(texts, labels)
    assert 70 < counts.total.sum() / 400 < 100
    common = [word for word, _ in counts.most_common(n=30)]
    assert common[:2] == ["the", "and"]
    assert len(set(common) & set(FREQUENT)) > 25, "the common words say nothing"
    ratio = dict(zip(counts.words, counts.log_ratios(), strict=True))
    assert np.mean([ratio[w] for w in POSITIVE]) > 0.4
    assert np.mean([ratio[w] for w in NEGATIVE]) < -0.4
    assert abs(np.mean([ratio[w] for w in FREQUENT])) < 0.1


@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [((1,), {}, "n=1"), ((4,), {"words": 0}, "words=0"), ((4,), {"length": 9}, "length=9")],
)
def test_generating_refuses(arguments, options, match):
    with pytest.raises(rn.OptionError, match=match):
        generated_reviews(*arguments, rng=np.random.default_rng(0), **options)
    with pytest.raises(rn.DtypeError, match="rng"):
        generated_reviews(4, rng=3)
