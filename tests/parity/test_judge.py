from __future__ import annotations

import math

import pytest

from parity.compare import Deviation
from parity.deviations import Entry
from parity.judge import judge
from parity.result import Status

WITHIN = Deviation(ratio=0.5, elements=4)
OUTSIDE = Deviation(max_abs=2e-3, ratio=30.0, outside=2, elements=4, worst="y[1] = 3, expected 4")
WORSE = Deviation(max_abs=1.0, ratio=math.inf, outside=1, mismatches=3, elements=4, worst="nan")


def entry(metric="max_abs", low=1e-3, high=4e-3, always=True):
    return Entry(
        id="known-one",
        op="add",
        backend="torch",
        cases=["add/typical"],
        dtypes=["float32"],
        kind="convention",
        metric=metric,
        low=low,
        high=high,
        reason="PyTorch adds in another way.",
        link="",
        added="2026-01-01",
        versions=">=2.4",
        always=always,
    )


@pytest.mark.parametrize(
    ("actual", "other", "status", "words"),
    [
        (WITHIN, WITHIN, Status.PASS, ""),
        (WITHIN, OUTSIDE, Status.FAIL, "sides part: torch is outside"),
        (OUTSIDE, WITHIN, Status.FAIL, "mine loses accuracy"),
        (OUTSIDE, OUTSIDE, Status.FAIL, "bound in doubt"),
    ],
)
def test_the_four_verdicts(actual, other, status, words):
    verdict = judge("mine", "torch", actual, other)
    assert verdict.status is status
    assert verdict.reason.startswith(words)
    if status is Status.FAIL:
        assert "y[1] = 3" in verdict.reason


@pytest.mark.parametrize(
    ("actual", "other", "alike", "status"),
    [
        (WITHIN, OUTSIDE, False, Status.KNOWN),
        (OUTSIDE, OUTSIDE, True, Status.KNOWN),  # a subject that follows the backend's convention
        (OUTSIDE, OUTSIDE, False, Status.FAIL),  # it differs as much, in another way
        (OUTSIDE, WITHIN, False, Status.FAIL),
        (WITHIN, WITHIN, True, Status.STALE),
        (WITHIN, WORSE, False, Status.FAIL),  # more than the entry says
        (WITHIN, OUTSIDE._replace(max_abs=5e-3), False, Status.FAIL),
        (WITHIN, OUTSIDE._replace(max_abs=5e-4), False, Status.FAIL),
        (WITHIN, OUTSIDE._replace(mismatches=1), False, Status.FAIL),  # a size explains no NaN
        (WORSE, OUTSIDE, False, Status.FAIL),
        (WORSE, WORSE, True, Status.FAIL),
    ],
)
def test_an_entry_of_the_register(actual, other, alike, status):
    verdict = judge("mine", "torch", actual, other, [entry()], alike)
    assert verdict.status is status
    assert verdict.entry == "known-one"
    assert verdict.reason


@pytest.mark.parametrize(
    ("actual", "other", "status"),
    [
        (WITHIN, WITHIN, Status.PASS),  # in this draw it rounds as well as the bound says
        (WITHIN, OUTSIDE, Status.KNOWN),
        (WITHIN, WORSE, Status.FAIL),
        (OUTSIDE, WITHIN, Status.FAIL),
        (OUTSIDE, OUTSIDE, Status.FAIL),
    ],
)
def test_an_entry_that_hangs_on_the_draw(actual, other, status):
    verdict = judge("mine", "torch", actual, other, [entry(always=False)])
    assert verdict.status is status
    assert verdict.entry == ("" if status is Status.PASS else "known-one")


def test_a_count_explains_elements_that_differ_in_kind():
    counted = entry("differing", 4, 4)
    assert judge("mine", "torch", WITHIN, WORSE, [counted]).status is Status.KNOWN
    verdict = judge("mine", "torch", WITHIN, WORSE._replace(mismatches=4), [counted])
    assert verdict.status is Status.FAIL
    assert "allows differing from 4 to 4; torch has 5" in verdict.reason


def test_nan_is_never_within():
    assert judge("mine", "torch", Deviation(ratio=math.nan), WITHIN).status is Status.FAIL
