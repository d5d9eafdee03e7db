"""What became better or worse, and what only moved."""

from __future__ import annotations

import pytest

from parity.baseline import Baseline, Kept
from parity.regression import Change, compared
from parity.regression_cli import beside_baseline
from parity.report.as_regression import regression_json, regression_markdown
from parity.result import Status

KEY = "relu/random float32 refnet torch 2.13"


def kept(status="pass", subject=0.5, backend=0.5, version="a"):
    return Kept(Status(status), subject, backend, version)


def made(cells):
    return Baseline(schema=1, seed=0, cells=cells)


@pytest.mark.parametrize(
    ("before", "after", "change", "worse"),
    [
        (kept(), kept(), Change.UNCHANGED, False),
        (kept(subject=0.4), kept(subject=0.79), Change.UNCHANGED, False),
        (kept(subject=0.4), kept(subject=0.81), Change.REGRESSED, False),
        (kept(backend=0.4), kept(backend=0.81), Change.REGRESSED, False),
        (kept(subject=0.81), kept(subject=0.4), Change.IMPROVED, False),
        # What is worse on one side is not made good by the other.
        (kept(subject=0.2, backend=0.99), kept(subject=0.9, backend=0.01), Change.REGRESSED, False),
        (kept(subject=0.001), kept(subject=0.24), Change.UNCHANGED, False),
        (kept(subject=0.0), kept(subject=0.26), Change.REGRESSED, False),
        (kept(subject=0.26), kept(subject=0.0), Change.IMPROVED, False),
        (kept(), kept("fail", 0.5, "inf"), Change.REGRESSED, True),
        (kept("fail"), kept(), Change.IMPROVED, False),
        (kept(), kept("known"), Change.REGRESSED, True),
        (kept("known", 0.5, "inf"), kept("known", 0.5, "inf"), Change.UNCHANGED, False),
        (kept(subject="nan"), kept(subject="nan"), Change.UNCHANGED, False),
        (kept(), kept(subject="nan"), Change.REGRESSED, False),
        (kept(), kept("error", 0.0, 0.0), Change.REGRESSED, True),
        (kept(), kept(version="b"), Change.NOT_COMPARABLE, False),
        (kept(), kept("fail", version="b"), Change.NOT_COMPARABLE, False),
        (kept(), kept("absent", 0.0, 0.0), Change.NOT_COMPARABLE, False),
        (kept("absent"), kept(), Change.IMPROVED, False),
        (None, kept(), Change.NEW, False),
        (kept(), None, Change.GONE, True),
    ],
)
def test_a_cell(before, after, change, worse):
    old, new = ({} if k is None else {KEY: k} for k in (before, after))
    found = compared(made(old), made(new))
    assert found.counts == {c.value: int(c is change) for c in Change}
    assert found.worse == worse
    rows = [(r.cell, r.change, r.worse) for r in found.rows]
    assert rows == ([] if change is Change.UNCHANGED else [(KEY, change, worse)])


def test_thresholds_are_the_caller_s():
    old, new = made({KEY: kept()}), made({KEY: kept(subject=0.6)})
    assert not compared(old, new).rows
    assert compared(old, new, factor=1.1, least=0.05).rows[0].change is Change.REGRESSED
    assert not compared(old, new, factor=1.1, least=0.2).rows


def test_the_worst_come_first():
    def key(i):
        return KEY.replace("random", f"case{i}")

    old = {key(i): kept(subject=0.45) for i in range(6)}
    new = {
        key(0): kept(subject=0.45),
        key(1): kept(subject=0.19),
        key(2): kept(subject=0.92),
        key(3): kept(subject=0.99),
        key(4): kept("fail"),
        key(6): kept(),
    }
    found = compared(made(old), made(new))
    assert [r.cell for r in found.rows] == [key(i) for i in (4, 3, 2, 5, 1, 6)]


def test_a_run_of_some_cases_leaves_the_others():
    other = KEY.replace("relu", "tanh")
    newer = KEY.replace("2.13", "2.14")
    old = made({KEY: kept(), other: kept(), newer: kept()})
    part = beside_baseline(old, made({KEY: kept()}), whole=False)
    assert not part.rows
    whole = beside_baseline(old, made({KEY: kept()}), whole=True)
    assert [(r.cell, r.change) for r in whole.rows] == [(other, Change.GONE)]


def test_the_report():
    found = compared(made({KEY: kept()}), made({KEY: kept("fail", 0.5, "inf")}))
    text = regression_markdown(found, "main", "this run")
    assert "this run beside main: **1 regressed**" in text
    assert "| regressed: status | relu/random | float32 | refnet, torch | 2.13" in text
    assert "fail (0.5, inf)" in text
    assert b'"change": "regressed"' in regression_json(found)
    assert "Nothing changed" in regression_markdown(compared(made({}), made({})), "a", "b")
