from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from tests.error_inputs import ErrorInput, check_refused, refused


def test_counts():
    counts = rn.data.bag_of_words("A b\ta  c", ["a", "c", "z"])
    assert counts.dtype == np.float64
    assert counts.tolist() == [2, 1, 0]
    assert rn.data.bag_of_words("", ["a"]).tolist() == [0]


ERRORS = [
    ErrorInput("bytes", (b"a", ["a"]), {}, rn.ArgumentError, "text of type bytes"),
    ErrorInput("string vocabulary", ("a", "abc"), {}, rn.ArgumentError, "0 words"),
    ErrorInput("empty vocabulary", ("a", []), {}, rn.ArgumentError, "0 words"),
    ErrorInput("a word twice", ("a", ["a", "a"]), {}, rn.ArgumentError, "2 words"),
]


@refused(ERRORS)
def test_refused(case):
    check_refused(rn.data.bag_of_words, case)


def test_every_call_counts_anew():
    words = ["a"]
    assert [rn.data.bag_of_words("a a", words).item() for _ in range(2)] == [2, 2]
    assert words == ["a"]


@pytest.mark.parametrize("n", [1, 50])
def test_counts_add_up(n):
    words = [f"w{i}" for i in range(n)]
    assert rn.data.bag_of_words(" ".join(words * 3), words).sum() == 3 * n
