"""The command says what holds, and exits 1 for whatever does not."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from parity.cli import cli
from parity.selftest import proof
from parity.selftest.bugs import BUGS
from parity.selftest.controls import Control
from parity.selftest.kill import Kill, Verdict
from parity.selftest.proof import Proof
from parity.selftest.report import as_markdown, complaints, smallest, summary
from parity.selftest.vacuity import Finding, Kind, Linted

BUG = next(b for b in BUGS if b.id == "softmax: diagonal of the Jacobian only")
KILL = Kill(BUG, 1, ("softmax",), {"float32": 8.0, "float64": 1e9}, Verdict.PART, "sides part")
CONTROL = Control("torch against itself differs in nothing", 2401, ())
EXCUSED = Finding("step/typical", "float64", Kind.GRADIENT, "dx", "")
GOOD = Proof((CONTROL,), Linted(9471, (), ((EXCUSED, "a step is flat"),)), (KILL,))
BAD = [
    GOOD._replace(controls=(CONTROL._replace(wrong=("relu/typical: pass",)),)),
    GOOD._replace(vacuity=Linted(9, (EXCUSED,), ())),
    GOOD._replace(kills=(KILL._replace(exit_code=0),)),
    GOOD._replace(kills=(KILL._replace(verdict=Verdict.LOSS),)),
]


def invoked(monkeypatch, found, *args):
    asked = []
    monkeypatch.setattr(proof, "prove", lambda *given: (asked.append(given[:3]), found)[1])
    return CliRunner().invoke(cli, ["selftest", *args]), asked


def test_what_holds_is_said(monkeypatch, tmp_path):
    out = tmp_path / "selftest.md"
    done, asked = invoked(monkeypatch, GOOD, "--jobs", "1", "--seed", "3", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert asked == [(("controls", "vacuity", "kills"), 1, 3)]
    assert "1 of 1 bugs of 1 classes caught, the smallest margin 1e+09" in done.output
    text = out.read_text()
    for words in ("diagonal Jacobian", "keeps only the diagonal", "a step is flat", "sides part"):
        assert words in text


@pytest.mark.parametrize("found", BAD)
def test_what_does_not_hold_fails(monkeypatch, found):
    done, _ = invoked(monkeypatch, found)
    assert done.exit_code == 1
    assert len(complaints(found)) == 1
    assert complaints(found)[0] in done.output
    assert complaints(found)[0] in as_markdown(found)


def test_a_part_by_itself(monkeypatch):
    only = Proof(None, GOOD.vacuity, None)
    done, asked = invoked(monkeypatch, only, "--part", "vacuity")
    assert asked == [(("vacuity",), 2, 0)]
    assert done.output.splitlines() == summary(only) == ["vacuity: 0 findings in 9,471 cells"]
    assert "## Null controls" not in as_markdown(only)


def test_margins():
    assert smallest([KILL, KILL._replace(margins={"float64": 2.0})]) == 2.0
    assert KILL.margin == 1e9
