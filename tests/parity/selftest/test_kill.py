"""Injected bugs are caught, by their own operation's cells alone.

Here a sample of them; ``nox -s selftest`` puts in every one.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

import refnet as rn
from parity.case import Case, OptimizerCase
from parity.errors import CaseError
from parity.registry import all_cases, select
from parity.selftest.bug import Bug
from parity.selftest.bugs import BUGS
from parity.selftest.kill import ROOT, Kill, Verdict, kill, with_bug
from parity.selftest.report import bug_table


@pytest.mark.parametrize("bug", BUGS[::53], ids=lambda b: b.id)
def test_the_gate_notices(bug):
    found = kill(bug)
    assert found.exit_code == 1, found.reason
    assert bug.op in found.named
    assert found.fell, found.verdict
    assert found.margin > 1


def one(bug_id):
    (bug,) = [b for b in BUGS if b.id == bug_id]
    return bug


@pytest.mark.parametrize(
    ("bug_id", "other_side", "verdict"),
    [
        ("add: minus for plus", True, Verdict.PART),  # the oracle subtracts too
        ("dense: the adapter's bias forgotten", True, Verdict.PART),
        ("xor: the adapter's divisor", True, Verdict.PART),
        ("var: result of float32", False, Verdict.LOSS),
    ],
)
def test_the_difference_is_put_on_the_side_that_has_it(bug_id, other_side, verdict):
    found = kill(one(bug_id))
    assert (found.other_side, found.verdict, found.killed) == (other_side, verdict, True)
    assert found.margins.keys() <= {"float32", "float64"}


def test_initializers_have_no_oracle():
    of_moments = Kill(one("he_normal: sqrt(1 / n)"), 1, ("he_normal",), {}, Verdict.LOSS, "")
    assert not of_moments.other_side
    assert of_moments.killed


def test_a_bug_that_is_blamed_on_the_wrong_side_has_survived():
    found = Kill(one("add: minus for plus"), 1, ("add",), {"float64": 9.0}, Verdict.LOSS, "")
    assert not found.killed
    assert found._replace(verdict=Verdict.PART).killed
    assert found._replace(verdict=Verdict.STALE).killed
    assert found._replace(verdict=Verdict.DOUBT, farther=1e6).killed
    assert not found._replace(verdict=Verdict.DOUBT, farther=1.0).killed
    assert not found._replace(verdict=Verdict.PART, named=("subtract",)).killed
    assert not found._replace(verdict=Verdict.PART, exit_code=3).killed


def test_every_operation_optimizer_and_adapter_has_a_bug():
    ops = {c.op for c in all_cases() if isinstance(c, Case)}
    tried = {b.op for b in BUGS}
    assert ops <= tried
    assert {c.op for c in all_cases() if isinstance(c, OptimizerCase)} <= tried
    assert {"dfn", "xor", "he_uniform", "glorot_normal"} <= tried
    files = Counter(b.file for b in BUGS)
    assert sum(n for f, n in files.items() if f.startswith("parity/backends/torch/")) >= 5
    assert files["parity/backends/refnet.py"] >= 1
    assert len(BUGS) >= 400


def test_bugs_are_distinct_and_select_cases():
    assert len({b.id for b in BUGS}) == len(BUGS)
    assert len({(b.op, b.file, b.old, b.new) for b in BUGS}) == len(BUGS)
    by_op = defaultdict(list)
    for case in all_cases():
        by_op[case.op].append(case)
    for bug in BUGS:
        chosen = select(bug.selector.split() or [bug.op], by_op[bug.op])
        assert any(set(bug.dtypes) & set(c.dtypes) for c in chosen)


@pytest.mark.parametrize("share", range(3))
def test_bugs_are_in_their_files(share):
    for bug in BUGS[share::3]:
        text = with_bug(bug)
        if bug.file != "refnet/op.py":  # of which hundreds differ in a name
            compile(text, bug.file, "exec")


def test_without_a_bug_the_gate_is_silent():
    """The other half of the proof: a change that means nothing is let through."""
    harmless = Bug(
        "add",
        "wrong operand",
        "a comment",
        "refnet/ops/arithmetic.py",
        "return a + b",
        "return b + a",
    )
    found = kill(harmless)
    assert (found.exit_code, found.killed, found.named) == (0, False, ())
    assert (found.margin, found.verdict) == (0, None)
    assert "SURVIVED" in bug_table([found])


def test_nothing_is_left_behind():
    before = rn.add([1.0], [2.0]).tolist()
    bug = one("add: minus for plus")
    text = (ROOT / bug.file).read_text("utf-8")
    kill(bug)
    assert rn.add([1.0], [2.0]).tolist() == before
    assert (ROOT / bug.file).read_text("utf-8") == text
    import refnet

    assert refnet is rn


@pytest.mark.parametrize("old", ["no such text at all", "return"])
def test_a_bug_whose_text_is_not_there_once_is_refused(old):
    with pytest.raises(CaseError, match="occurs"):
        kill(Bug("add", "wrong operand", "lost", "refnet/ops/arithmetic.py", old, "x"))
