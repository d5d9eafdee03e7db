"""The same verdicts in every setting, and settings that are seen to take effect."""

from __future__ import annotations

import msgspec
import pytest
from click.testing import CliRunner

from parity import gate
from parity.errors import SelectionError
from parity.result import Status
from parity.run import Request, run
from parity.selftest import machines
from parity.selftest.machines import InEffect, Ran, Setting, differing, page, ran, settings

EFFECT = InEffect("none", "Haswell", "DEFAULT", "Intel AVX2", "openblas 1, openmp 1, torch 1")


@pytest.fixture(scope="module")
def report():
    return run(Request(("relu/typical", "tanh/typical"), ("float32",), jobs=1)).report


def other(report, status):
    first, *rest = report.cells
    changed = msgspec.structs.replace(first, status=status, reason="because")
    return msgspec.structs.replace(report, cells=[changed, *rest])


def test_settings_take_one_thing_away_and_then_all():
    plain, *singles, every, two, both = settings()
    assert not plain.variables
    assert all(len(s.variables) == 1 and s.threads == 1 for s in singles)
    assert every.variables == {k: v for s in singles for k, v in s.variables.items()}
    assert (two.variables, two.threads) == ({}, 2)
    assert (both.variables, both.threads) == (every.variables, 2)


def test_a_setting_in_a_process_of_its_own():
    setting = next(s for s in settings() if s.name == "PyTorch without vectors")
    found = ran(setting, ["relu/typical"], 0)
    assert found.missed == []
    assert found.report.exit_code == gate.AGREES
    assert found.effect.threads.endswith("torch 1")


def test_what_is_not_in_effect_is_said(report):
    setting = Setting("two", {}, 2, {"threads": r"(\S+ 2(, )?)+", "openblas": "Haswell"})
    assert Ran(setting, EFFECT, report).missed == ["threads: openblas 1, openmp 1, torch 1"]
    two = EFFECT._replace(threads="openblas 2, openmp 2, torch 2")
    assert Ran(setting, two, report).missed == []


def test_other_verdicts_and_other_cells(report):
    assert differing(report, report) == []
    ((one, two),) = differing(report, other(report, Status.FAIL))
    assert (one.status, two.status) == (Status.PASS, Status.FAIL)
    with pytest.raises(SelectionError, match="other cells"):
        differing(report, msgspec.structs.replace(report, cells=report.cells[1:]))


@pytest.mark.parametrize(
    ("effect", "status", "code"),
    [
        (EFFECT, Status.PASS, gate.AGREES),
        (EFFECT._replace(openblas="SkylakeX"), Status.PASS, gate.INCOMPLETE),
        (EFFECT, Status.FAIL, gate.DIFFERS),
    ],
)
def test_the_command(effect, status, code, report, monkeypatch, tmp_path):
    plain = Setting("plain", {}, 1, {})
    haswell = Setting("less", {"OPENBLAS_CORETYPE": "Haswell"}, 1, {"openblas": "Haswell"})
    monkeypatch.setattr(machines, "settings", lambda: [plain, haswell])
    monkeypatch.setattr(
        machines,
        "ran",
        lambda s, *_: Ran(s, effect, report if s is plain else other(report, status)),
    )
    out = tmp_path / "machines.md"
    done = CliRunner().invoke(machines.main, ["relu", "--out", str(out)])
    assert done.exit_code == code
    text = out.read_text()
    assert ("because" in text) == (status is Status.FAIL)
    assert "OPENBLAS_CORETYPE='Haswell'" in text
    assert text == page(
        [Ran(plain, effect, report), Ran(haswell, effect, other(report, status))], ["relu"]
    )


def test_a_selector_that_names_nothing_is_a_mistake_in_the_command():
    done = CliRunner().invoke(machines.main, ["nonesuch"])
    assert done.exit_code == gate.USAGE
    assert "nonesuch" in done.output
