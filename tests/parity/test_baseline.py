"""Baselines: what is kept, and that none is lost or written where it should not be."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from parity import baseline
from parity.baseline import Baseline, Kept
from parity.errors import BaselineError
from parity.registry import select
from parity.report.as_json import as_json
from parity.result import Status
from parity.run import Request, run
from parity.trajectory.lockstep import LIMIT


@pytest.fixture(scope="module")
def report():
    """Return a report of a few cells and a training run."""
    request = Request(("relu", "std_normal", "sgd/plain", "xor/sources"), ("float32",), jobs=1)
    return run(request).report


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def kept(status="pass", subject=0.5, backend=0.5, version="a"):
    return Kept(Status(status), subject, backend, version)


def made(**cells):
    return Baseline(schema=1, seed=0, cells=cells)


def test_what_is_kept_of_a_report(report):
    found = baseline.of_report(report)
    assert len(found.cells) == len(report.cells) + len(report.trainings)
    version = baseline.version_class(report.header.versions["torch"])
    for cell in report.cells:
        entry = found.cells[f"{cell.case} float32 refnet torch {version}"]
        assert entry.status is cell.status
        assert float(entry.subject) == pytest.approx(float(cell.actual.ratio), rel=1e-2)
    (training,) = report.trainings
    entry = found.cells[f"xor/sources float32 refnet torch {version}"]
    assert float(entry.backend) == pytest.approx(float(training.backend_ratio) / LIMIT, rel=1e-2)


def test_the_arithmetic_is_part_of_the_version(report):
    before = baseline.of_report(report)
    cells = [msgspec.structs.replace(c, rounds_between=["torch"]) for c in report.cells]
    after = baseline.of_report(msgspec.structs.replace(report, cells=cells))
    for cell in report.cells:
        key = next(k for k in before.cells if k.startswith(f"{cell.case} "))
        assert after.cells[key].version == f"{before.cells[key].version}+torch"


def test_a_case_that_says_something_else_has_another_version(report):
    case = select(["relu"])[0]
    other = replace(case, inputs=(replace(case.inputs[0], draw="tiny"),))
    assert baseline.version_of(case) != baseline.version_of(other)
    assert baseline.version_of(case) == baseline.version_of(replace(case))
    before = baseline.of_report(report)
    after = baseline.of_report(report, [other if c == case else c for c in select([])])
    changed = [k for k in before.cells if before.cells[k].version != after.cells[k].version]
    assert [k.split(" ")[0] for k in changed] == [case.id]


def test_saved_and_loaded(report, tmp_path):
    path = tmp_path / "deeper" / "base.json"
    found = baseline.of_report(report)
    assert baseline.save(found, path) == path
    assert baseline.load(path) == msgspec.structs.replace(
        found, cells=dict(sorted(found.cells.items()))
    )
    first = path.read_bytes()
    baseline.save(found, path)
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["base.json"]
    assert first.count(b"\n") == len(found.cells) + 2  # a line for each, to be read in a diff


def test_a_report_is_taken_for_a_baseline(report, tmp_path):
    (tmp_path / "parity.json").write_bytes(as_json(report))
    assert baseline.load(tmp_path / "parity.json") == baseline.of_report(report)


def test_saving_keeps_the_cells_of_other_versions(tmp_path):
    path = tmp_path / "base.json"
    baseline.save(made(**{"a/b float32 refnet torch 2.13": kept()}), path)
    baseline.save(made(**{"a/b float32 refnet torch 2.14": kept(subject=0.1)}), path)
    baseline.save(made(**{"a/b float32 refnet torch 2.13": kept(subject=0.9)}), path)
    assert {k: v.subject for k, v in baseline.load(path).cells.items()} == {
        "a/b float32 refnet torch 2.13": 0.9,
        "a/b float32 refnet torch 2.14": 0.1,
    }


def test_a_whole_run_takes_out_what_is_gone(tmp_path):
    path = tmp_path / "base.json"
    old, other = "gone/b float32 refnet torch 2.13", "a/b float32 refnet torch 2.14"
    new = "a/b float32 refnet torch 2.13"
    baseline.save(made(**{old: kept(), other: kept()}), path)
    baseline.save(made(**{new: kept()}), path, whole=True)
    assert baseline.load(path).cells.keys() == {new, other}


def test_another_seed_is_refused(tmp_path):
    path = tmp_path / "base.json"
    baseline.save(made(**{"a/b float32 refnet torch 2.13": kept()}), path)
    before = path.read_bytes()
    with pytest.raises(BaselineError, match="seed 0 beside seed 7"):
        baseline.save(Baseline(schema=1, seed=7, cells={}), path)
    assert path.read_bytes() == before


def test_a_baseline_of_nothing_that_was_run_is_refused():
    new = made(**{"a/b float32 refnet torch 2.14": kept()})
    baseline.check_in_common(new, new)
    with pytest.raises(BaselineError, match="without one cell of these sides and versions"):
        baseline.check_in_common(made(**{"a/b float32 refnet torch 2.13": kept()}), new)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"schema":2,"seed":0,"cells":{}}',
        b'{"schema":1,"seed":0,"cells":{"a":["pass",0.1]}}',
        b'{"schema":1,"seed":0,"cells":{},"more":1}',
        b'{"header":{}}',
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(tmp_path, data):
    path = tmp_path / "base.json"
    path.write_bytes(data)
    for attempt in (lambda: baseline.load(path), lambda: baseline.save(made(), path)):
        with pytest.raises(BaselineError, match=r"base\.json.*damaged"):
            attempt()
    assert path.read_bytes() == data


def test_every_truncation_is_refused(report, tmp_path):
    path = baseline.save(baseline.of_report(report), tmp_path / "base.json")
    data = path.read_bytes()
    for end in range(0, len(data) - 1, 97):
        path.write_bytes(data[:end])
        with pytest.raises(BaselineError):
            baseline.load(path)


def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(BaselineError, match="--baseline-lenient"):
        baseline.load(tmp_path / "none.json")


def test_a_folder_that_may_not_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BaselineError, match="cannot be written"):
        baseline.save(made(), tmp_path / "file" / "base.json")


@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_ci_never_writes_one(tmp_path, monkeypatch, value):
    monkeypatch.setenv("CI", value)
    with pytest.raises(BaselineError, match="CI job"):
        baseline.save(made(), tmp_path / "base.json")
    assert not list(tmp_path.iterdir())
    baseline.check_savable(None)


def test_names_are_files_of_the_folder(tmp_path):
    assert baseline.path_of("main", tmp_path) == tmp_path / "main.json"
    assert baseline.path_of("some/where.json", tmp_path).as_posix() == "some/where.json"
