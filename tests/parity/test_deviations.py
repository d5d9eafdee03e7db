from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner

from parity import Adapter, Functions, Request, run
from parity.case import ArraySpec, Case
from parity.cli import cli
from parity.deviations import load
from parity.errors import RegisterError
from parity.register_cli import proposed
from parity.registry import all_cases
from parity.report.as_json import as_json
from parity.result import Status

GOOD = {
    "id": '"one"',
    "op": '"relu"',
    "backend": '"torch"',
    "versions": '">=2.4"',
    "cases": '["relu/kinks"]',
    "dtypes": '["float32"]',
    "kind": '"convention"',
    "metric": '"differing"',
    "low": "7",
    "high": "7",
    "reason": '"It keeps the sign of zero."',
    "link": '"https://example.org"',
    "added": '"2026-01-01"',
}


@pytest.fixture
def register(tmp_path):
    def write(*entries):
        path = tmp_path / "deviations.toml"
        text = "".join(
            "[[deviation]]\n" + "".join(f"{k} = {v}\n" for k, v in entry.items())
            for entry in entries
        )
        path.write_text(text, "utf-8")
        return path

    return write


def test_the_register_of_the_project_loads_and_matches_cases():
    entries = load(cases=all_cases())
    assert entries
    assert all(e.link.startswith("https://") for e in entries)


def test_covers(register):
    (entry,) = load(register({**GOOD, "cases": '["relu/k*"]'}))
    assert entry.covers("relu/kinks", "float32", "torch")
    assert not entry.covers("relu/kinks", "float64", "torch")
    assert not entry.covers("relu/typical", "float32", "torch")
    assert not entry.covers("relu/kinks", "float32", "jax")


def test_one_cause_may_be_of_several_operations(register):
    path = register({**GOOD, "op": '"*"', "cases": '["relu/kinks", "tanh/*"]'})
    cases = [Case(op, "kinks", "kinks", (ArraySpec((2,)),)) for op in ("relu", "tanh")]
    (entry,) = load(path, cases)
    assert entry.covers("relu/kinks", "float32", "torch")
    assert entry.covers("tanh/kinks", "float32", "torch")
    assert not entry.covers("relu/typical", "float32", "torch")
    with pytest.raises(RegisterError, match=r"'tanh/\*' matches no case"):
        load(path, cases[:1])
    with pytest.raises(RegisterError, match="another operation"):
        load(register({**GOOD, "op": '"*"', "cases": '["*"]'}))


def test_versions(register):
    (entry,) = load(register({**GOOD, "versions": '">=2.4,<2.14"'}))
    assert entry.applies_to("2.13.0+cpu")
    assert entry.applies_to("2.13.1a0+git123")
    assert not entry.applies_to("2.3.1")
    assert not entry.applies_to("2.14.0")
    assert not entry.applies_to("")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"metric": '"size"'}, "metric 'size'"),
        ({"kind": '"bug"'}, "kind 'bug'"),
        ({"low": "8"}, r"limits \[8.0, 7.0\]"),
        ({"low": "0"}, "limits"),
        ({"low": "nan"}, "limits"),
        ({"low": '"7"'}, "Expected `float`"),
        ({"reason": '"It is so."'}, "no reason"),
        ({"reason": '"TODO: somebody has to find out why."'}, "no reason"),
        ({"link": '"TODO"'}, "no link"),
        ({"link": '""'}, "no link"),
        ({"added": '"20th of November"'}, "a date that is none"),
        ({"expires": '"soon"'}, "a date that is none"),
        ({"expires": '"2026-11-20"'}, "which expired on 2026-11-20"),
        ({"cases": '["tanh/kinks"]'}, "another operation"),
        ({"cases": "[]"}, "no cases"),
        ({"cases": '["relu/gone"]'}, "'relu/gone' matches no case"),
        ({"dtypes": '["float16"]'}, "matches no case"),
        ({"versions": '"2.4 or so"'}, "versions '2.4 or so'"),
        ({"colour": '"red"'}, "unknown field `colour`"),
    ],
)
def test_malformed_entries_are_refused(register, change, match):
    spec = ArraySpec((2,))
    case = Case("relu", "kinks", "kinks", (spec,), dtypes=("float32",))
    path = register({**GOOD, **change})
    with pytest.raises(RegisterError, match=match):
        load(path, [case])
    assert load(register(GOOD), [case])


def test_missing_fields_doubles_and_files_are_refused(register, tmp_path):
    with pytest.raises(RegisterError, match="reason"):
        load(register({k: v for k, v in GOOD.items() if k != "reason"}))
    with pytest.raises(RegisterError, match="taken"):
        load(register(GOOD, GOOD))
    with pytest.raises(RegisterError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[[deviation]\n")
    with pytest.raises(RegisterError, match="cannot be read"):
        load(tmp_path / "broken.toml")


def test_expiry_is_by_the_day(register):
    path = register({**GOOD, "expires": '"2027-03-01"'})
    load(path, today=date(2027, 2, 28))
    for day in (date(2027, 3, 1), date(2030, 1, 1)):
        with pytest.raises(RegisterError, match="expired on 2027-03-01"):
            load(path, today=day)
    (entry,) = load(register(GOOD), today=date(3000, 1, 1))
    assert entry.expires == ""


class TwiceTanh(Adapter):
    """A judge of its own opinion."""

    name = "twice"

    def operations(self):
        return {"tanh": Functions(lambda x: 2 * np.tanh(x))}


def test_proposals_are_complete_but_for_the_reason(register, tmp_path):
    judge = "tests.parity.test_deviations:TwiceTanh"
    report = run(Request(("tanh",), ("float64",), (judge,), jobs=1)).report
    assert report.exit_code == 1
    text = proposed(report)
    path = tmp_path / "deviations.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RegisterError, match="no reason"):
        load(path)
    path.write_text(text.replace('"TODO"', '"https://example.org/twice-the-tangent"'), "utf-8")
    entries = load(path, cases=all_cases())
    differing = {c.case for c in report.cells if c.status is Status.FAIL}
    assert {case for entry in entries for case in entry.cases} == differing
    (tmp_path / "parity.json").write_bytes(as_json(report))
    done = CliRunner().invoke(cli, ["deviations", "propose", str(tmp_path / "parity.json")])
    assert done.exit_code == 0
    assert done.stdout.strip() == text.strip()


def test_the_commands(register, tmp_path):
    path = str(register(GOOD))
    done = CliRunner().invoke(cli, ["deviations", "list", "--register", path])
    assert done.exit_code == 0
    assert "1 entries" in done.stdout
    assert (
        "0 entries"
        in CliRunner().invoke(cli, ["deviations", "list", "jax", "--register", path]).stdout
    )
    done = CliRunner().invoke(cli, ["deviations", "check", "--register", path])
    assert done.exit_code == 0
    assert "in force" in done.stdout
    path = str(register({**GOOD, "reason": '"TODO"'}))
    done = CliRunner().invoke(cli, ["deviations", "check", "--register", path])
    assert isinstance(done.exception, RegisterError)
