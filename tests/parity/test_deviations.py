from __future__ import annotations

import pytest

from parity.case import ArraySpec, Case
from parity.deviations import load
from parity.errors import RegisterError
from parity.registry import all_cases

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
