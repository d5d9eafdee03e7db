"""Injected bugs are caught, by their own operation's cells alone.

Here a sample of them; ``nox -s selftest`` puts in every one.
"""

from __future__ import annotations

from collections import Counter

import pytest

import refnet as rn
from parity.case import Case, OptimizerCase
from parity.errors import CaseError
from parity.registry import all_cases, select
from parity.selftest.__main__ import table
from parity.selftest.bug import Bug
from parity.selftest.bugs import BUGS
from parity.selftest.kill import ROOT, kill, with_bug


@pytest.mark.parametrize("bug", BUGS[::9], ids=lambda b: b.id)
def test_the_gate_notices(bug):
    found = kill(bug)
    assert found.exit_code == 1, found.reason
    assert bug.op in found.named
    assert found.margin > 1


def test_every_operation_optimizer_and_adapter_has_a_bug():
    ops = {c.op for c in all_cases() if isinstance(c, Case)}
    tried = {b.op for b in BUGS}
    assert ops <= tried
    assert {c.op for c in all_cases() if isinstance(c, OptimizerCase)} <= tried
    assert {"dfn", "xor", "he_uniform", "glorot_normal"} <= tried
    files = Counter(b.file for b in BUGS)
    assert sum(n for f, n in files.items() if f.startswith("parity/backends/torch/")) >= 5
    assert files["parity/backends/refnet.py"] >= 1
    assert len(BUGS) >= 30


def test_bugs_are_distinct_and_select_cases():
    assert len({b.id for b in BUGS}) == len(BUGS)
    assert len({(b.file, b.old, b.new) for b in BUGS}) == len(BUGS)
    for bug in BUGS:
        assert select([bug.selector or bug.op])
        compile(with_bug(bug), bug.file, "exec")


def test_without_a_bug_the_gate_is_silent():
    """The other half of the proof: a change that means nothing is let through."""
    harmless = Bug("add", "a comment", "refnet/ops/arithmetic.py", "return a + b", "return b + a")
    found = kill(harmless)
    assert (found.exit_code, found.killed, found.named) == (0, False, ())
    assert "SURVIVED" in table([found])


def test_nothing_is_left_behind():
    before = rn.add([1.0], [2.0]).tolist()
    (bug,) = [b for b in BUGS if b.id == "add: minus for plus"]
    text = (ROOT / bug.file).read_text("utf-8")
    kill(bug)
    assert rn.add([1.0], [2.0]).tolist() == before
    assert (ROOT / bug.file).read_text("utf-8") == text
    import refnet

    assert refnet is rn


@pytest.mark.parametrize("old", ["no such text at all", "return"])
def test_a_bug_whose_text_is_not_there_once_is_refused(old):
    with pytest.raises(CaseError, match="occurs"):
        kill(Bug("add", "lost", "refnet/ops/arithmetic.py", old, "x"))
