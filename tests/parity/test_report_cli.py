"""``parity report``: other reports from a saved one."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from parity.cli import cli, main
from parity.report.as_json import as_json
from parity.report.kinds import FILES, rendered
from tests.sample_report import report


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "parity.json"
    path.write_bytes(as_json(report()))
    return path


def refused(monkeypatch, capsys, *args):
    monkeypatch.setattr(sys, "argv", ["parity", *map(str, args)])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 2
    return capsys.readouterr().err


def test_a_saved_report_becomes_a_page_beside_it(saved):
    done = CliRunner().invoke(cli, ["report", str(saved)])
    assert done.exit_code == 0, done.output
    page = saved.with_name("parity.html")
    assert done.output == f"wrote {page}\n"
    assert page.read_bytes() == rendered(report(), "html")


def test_every_kind_is_made_of_a_saved_report(saved, tmp_path):
    out = tmp_path / "new" / "folder"
    args = ["report", str(saved), "--report", ",".join(FILES), "--out", str(out)]
    assert CliRunner().invoke(cli, args).exit_code == 0
    assert {p.name for p in out.iterdir()} == set(FILES.values())
    assert (out / "parity.json").read_bytes() == saved.read_bytes()
    for kind, name in FILES.items():
        assert (out / name).read_bytes() == rendered(report(), kind)


@pytest.mark.parametrize("kinds", ["", ",", "nothing", "html,nothing"])
def test_a_kind_that_there_is_not(monkeypatch, capsys, saved, kinds):
    said = refused(monkeypatch, capsys, "report", saved, "--report", kinds)
    assert "choose out of md, json, html, svg" in said


def test_a_file_that_is_no_report(monkeypatch, capsys, saved, tmp_path):
    assert "cannot be read" in refused(monkeypatch, capsys, "report", tmp_path / "none.json")
    saved.write_bytes(saved.read_bytes()[:-100])
    assert "damaged or no report" in refused(monkeypatch, capsys, "report", saved)
    assert not saved.with_name("parity.html").exists()


def test_a_folder_that_cannot_be_written_to(monkeypatch, capsys, saved):
    said = refused(monkeypatch, capsys, "report", saved, "--out", saved / "below")
    assert f"{saved} is no folder" in said


def test_html_without_jinja2_is_refused_before_anything_is_run(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("parity.report.kinds.find_spec", lambda _: None)
    out = tmp_path / "out"
    said = refused(monkeypatch, capsys, "run", "relu", "--report", "json,html", "--out", out)
    assert "no jinja2" in said
    assert not out.exists()
