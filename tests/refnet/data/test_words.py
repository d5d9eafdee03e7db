from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet.data import bag_of_words, count_words
from refnet.data.words import bags_of, checked_labels

TEXTS = ["A good film , a good one", "a BAD film", "", "good\tgood  good"]
LABELS = [1, 0, 0, 1]


def test_counts():
    counts = count_words(TEXTS, LABELS)
    assert counts.words == ("a", "good", "film", ",", "one", "bad")
    assert counts.positive.tolist() == [2, 5, 1, 1, 1, 0]
    assert counts.negative.tolist() == [1, 0, 1, 0, 0, 1]
    assert counts.texts == (2, 2)
    assert counts.total.tolist() == [3, 5, 2, 1, 1, 1]
    assert counts.most_common(n=2) == [("good", 5), ("a", 3)]
    assert counts.most_common("negative", 3) == [("a", 1), ("film", 1), ("bad", 1)]
    assert len(counts.most_common("positive")) == 6


def test_neutral_is_zero_and_the_classes_exchange_its_sign():
    counts = count_words(["x good", "x bad"], [1, 0])
    found = dict(zip(counts.words, counts.log_ratios(), strict=True))
    assert found["x"] == 0
    assert found["good"] == pytest.approx(math.log(2))  # log (1 + 1) / (0 + 1)
    assert found["bad"] == pytest.approx(-math.log(2))


def test_log_ratios_do_not_depend_on_how_many_texts_a_class_has():
    counts = count_words(["the good film"] * 30 + ["the bad film"] * 10, [1] * 30 + [0] * 10)
    found = dict(zip(counts.words, counts.log_ratios(), strict=True))
    assert found["the"] == found["film"] == pytest.approx(0, abs=1e-12)
    assert found["good"] > 2
    assert found["bad"] < -2
    for labels in ([1] * 40, [0] * 40):  # one class alone
        alone = count_words(["the good film"] * 30 + ["the bad film"] * 10, labels)
        assert np.isfinite(alone.log_ratios()).all()


words = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12)


@given(st.lists(words, max_size=6))
def test_bags_are_bags_of_words(drawn):
    texts = [" ".join(w) for w in drawn]
    vocabulary = ["c", "a", "e"]
    bags = bags_of(texts, {word: i for i, word in enumerate(vocabulary)})
    x = np.zeros((len(texts), 3))
    bags.fill(x, range(len(texts)), presence=False)
    expected = np.array([bag_of_words(text, vocabulary) for text in texts]).reshape(-1, 3)
    np.testing.assert_array_equal(x, expected)
    bags.clear(x, range(len(texts)))
    assert not x.any()
    bags.fill(x, range(len(texts)), presence=True)
    np.testing.assert_array_equal(x, expected > 0)
    part = bags.over(np.array([False, True, True]))
    narrow = np.zeros((len(texts), 2))
    part.fill(narrow, range(len(texts)), presence=False)
    np.testing.assert_array_equal(narrow, expected[:, 1:])


def test_growing_takes_words_in_the_order_they_come():
    place = {"b": 0}
    bags = bags_of(["a b", "c A"], place, grow=True)
    assert place == {"b": 0, "a": 1, "c": 2}
    assert bags.starts.tolist() == [0, 2, 4]
    assert bags.words.tolist() == [0, 1, 1, 2]


def test_labels():
    assert checked_labels([1, 0, True], 3).tolist() == [True, False, True]
    assert checked_labels(np.array([1.0, 0.0]), 2).tolist() == [True, False]
    assert checked_labels(["positive", " Negative", "1", "0", "-1"], 5).tolist() == [
        True, False, True, False, False
    ]  # fmt: skip


def test_refused():
    for labels in ([1, 0, 2, 1], [1, 0, 0, np.nan], ["positive", "neutral", "0", "1"]):
        with pytest.raises(rn.DomainError, match="position"):
            count_words(TEXTS, labels)
    with pytest.raises(rn.DomainError, match=r"label -1 .* or 0, False or 'negative'"):
        count_words(TEXTS, [1, 0, -1, 1])
    with pytest.raises(rn.ShapeError, match="4 text"):
        count_words(TEXTS, [1, 0])
    for texts in ("a good film", [b"bytes"], 3, None):
        with pytest.raises(rn.ArgumentError, match="list of strings"):
            count_words(texts, [1])
    counts = count_words(TEXTS, LABELS)
    with pytest.raises(rn.OptionError, match="kind"):
        counts.most_common("neutral")
    with pytest.raises(rn.OptionError, match="n=-1"):
        counts.most_common(n=-1)
