from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.experiments import sentiment
from parity.experiments.finding import as_page
from parity.experiments.sentiment import corpus, run

GOOD = ["a great film", "wonderful acting and a great story", "i loved it, café", "great fun"]
BAD = ["a terrible film", "awful acting and a boring story", "i hated it", "boring mess"]


def reviews(n):
    """n reviews of either class, no two of a class alike."""
    texts, labels = [], []
    for i in range(n):
        texts += [f"{GOOD[i % 4]} number{i}", f"{BAD[i % 4]} number{i}"]
        labels += ["POSITIVE", "Negative"]
    return texts, labels


def files(folder, texts, labels, end="\n", encoding="utf-8", last=True):
    paths = {}
    for name, lines in (("reviews", texts), ("labels", labels)):
        paths[name] = str(folder / f"{name}.txt")
        text = end.join(lines) + (end if last else "")
        (folder / f"{name}.txt").write_bytes(text.encode(encoding))
    return paths


@pytest.fixture(scope="module")
def generated():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentiment, "GENERATED", 500)
        return run(corpus({}), epochs=12)


def test_a_generated_corpus(generated):
    assert [claim.what for claim in generated.claims if not claim.holds] == []
    assert len(generated.claims) == 4
    page = as_page(generated)
    for way in ("counts", "presence", "cut"):
        assert f"\n| {way} " in page
    assert "400 reviews to train on, 100 to test on" in page
    assert "On the reviews to test on, presence" in page


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"end": "\r\n"},
        {"last": False},
        {"encoding": "latin-1"},
        {"encoding": "utf-16"},
        {"encoding": "utf-8-sig", "end": "\r\n", "last": False},
    ],
    ids=str,
)
def test_files_of_any_kind(tmp_path, how):
    texts, labels = reviews(10)
    given = corpus(files(tmp_path, texts, labels, **how))
    assert sorted(given.train.texts + given.test.texts) == sorted(texts)
    for part, n in ((given.train, 16), (given.test, 4)):
        assert len(part.texts) == n
        assert part.labels.sum() == n // 2
        for text, label in zip(part.texts, part.labels, strict=True):
            assert any(text.startswith(good) for good in GOOD) == bool(label)


def test_a_few_reviews_in_two_files(tmp_path):
    paths = {}
    for name, texts in (("positive", GOOD), ("negative", BAD)):
        paths[name] = str(tmp_path / name)
        (tmp_path / name).write_text("\n".join(texts * 3), "utf-8")
    found = run(corpus(paths), word="GREAT", epochs=30)
    assert found.holds, found.claims
    page = as_page(found)
    assert "*great*" in page
    assert "--positive FILE --negative FILE" in page


def test_so_few_that_the_cut_leaves_no_word(tmp_path):
    texts, labels = ["good", "bad", "nice", "ugly"], ["1", "0", "1", "0"]
    found = run(corpus(files(tmp_path, texts, labels)), epochs=2)
    assert "the cut leaves no word" in as_page(found)
    assert not found.holds


@pytest.mark.parametrize(
    ("texts", "labels", "match"),
    [
        (["good", "fine"], ["1", "1"], "2 positive and 0 negative"),
        (["good", "bad"], ["1", "0"], "at least two of each class"),
        (["good", "bad"], ["1"], "1 label"),
        (["good", "bad"], ["1", "maybe"], "'maybe'"),
    ],
)
def test_what_is_no_corpus(tmp_path, texts, labels, match):
    with pytest.raises(rn.DataFileError, match=match):
        corpus(files(tmp_path, texts, labels))


def test_a_word_that_does_not_occur(tmp_path):
    given = corpus(files(tmp_path, *reviews(6)))
    with pytest.raises(rn.DomainError, match="Did you mean 'great'"):
        run(given, word="graet")


def test_both_sides_read_the_same(tmp_path):
    given = corpus(files(tmp_path, *reviews(20)))
    way = sentiment._way("presence", given, epochs=3, size=5, backend="torch")
    np.testing.assert_allclose(way.losses, way.other_losses, rtol=1e-5)
    assert way.test == way.other_test
    assert len(way.losses) == len(way.other_losses) == 3


def test_verdicts_say_which_way_is_better():
    def way(vectors, test):
        return sentiment.Way(vectors, None, 1.0, test, [], 0.0, test, [], 0.0)

    def said(counts, presence, cut=None):
        ways = [way("counts", counts), way("presence", presence)]
        return next(sentiment._verdicts(ways + ([way("cut", cut)] if cut is not None else [])))

    assert "presence beats counts by 0.100; the cut loses 0.050" in said(0.7, 0.8, 0.75)
    assert "does not beat counts: it is behind by 0.100; the cut gains 0.050" in said(
        0.8, 0.7, 0.75
    )
    assert "does not beat counts: it does as well" in said(0.8, 0.8)
