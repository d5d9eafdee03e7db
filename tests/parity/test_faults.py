"""What goes wrong around a run: never exit 0, nothing earlier lost, and the message names it."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import sys
import time
from multiprocessing import active_children

import numpy as np
import pytest

from parity import Adapter, Functions, backends, gate
from parity.journal import NAME as JOURNAL
from parity.registry import select
from parity.report.as_json import from_json
from parity.result import Status
from parity.runner import Task, run_all

HERE = "tests.parity.test_faults"
CASES = ("relu/typical", "relu/kinks", "relu/huge", "square/typical", "square/tiny")
CELLS = ("run", *CASES, "--dtype", "float32", "--jobs", 1)


class Slow(Adapter):
    """A backend without a framework, slow enough to be killed between two cells."""

    name = "slow"

    def operations(self):
        return {"relu": Functions(self.relu), "square": Functions(lambda x: x * x)}

    def relu(self, x):
        time.sleep(0.02)
        return np.where(np.isnan(x), x, np.maximum(x, 0)).astype(x.dtype)


class OneNan(Adapter):
    """square is NaN in one element."""

    name = "one nan"

    def operations(self):
        return {"square": Functions(self.square)}

    def square(self, x):
        y = np.asarray(x * x)
        if y.size:
            y.flat[-1] = np.nan
        return y


class Drifting(Adapter):
    """square returns float64 whatever it is given."""

    name = "drifting"

    def operations(self):
        return {"square": Functions(lambda x: np.square(x, dtype=np.float64))}


def files(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "timings.json"}


@pytest.fixture
def full(monkeypatch):
    """Return a function after which a disk is full for files of a name, after so many writes."""
    opened = pathlib.Path.open

    class Full:
        def __init__(self, file, room):
            self.file, self.room = file, room

        def write(self, data):
            if self.room == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.room -= 1
            # The last that there is room for is cut off.
            return self.file.write(data if self.room else data[: len(data) // 2])

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

    def fill(name, room=0):
        def limited(path, mode="r", *args, **options):
            file = opened(path, mode, *args, **options)
            if path.name in (name, f"{name}.part") and mode in ("wb", "ab"):
                return Full(file, room if mode == "ab" or name != JOURNAL else -1)
            return file

        monkeypatch.setattr(pathlib.Path, "open", limited)

    yield fill
    monkeypatch.undo()


@pytest.mark.parametrize(
    "name", ["parity.md", "parity.json", "parity.xml", "timings.json", "regression.md", "main.json"]
)
def test_a_full_disk_loses_nothing_that_was_there(call, name, full, tmp_path, monkeypatch):
    out, kept = tmp_path / "out", tmp_path / "baselines"
    monkeypatch.delenv("CI", raising=False)
    args = (*CELLS, "--out", out, "--report", "md,json,junit", "--baselines", kept)
    saving = (*args, "--save-baseline", "main")
    assert call(*saving)[0] == gate.AGREES
    args = saving if name == "main.json" else (*args, "--baseline", "main")
    assert call(*args)[0] == gate.AGREES
    before = {**files(out), **files(kept)}
    full(name)
    code, text, err = call(*args)
    assert code == gate.USAGE
    assert name in err
    assert "No space left on device" in err
    assert "Traceback" not in text + err
    after = {**files(out), **files(kept)}
    assert {n: d for n, d in after.items() if n != JOURNAL} == before
    # The journal has every cell as long as a report is missing.
    if name in ("parity.md", "parity.json", "parity.xml", "timings.json"):
        cells = from_json(before["parity.json"]).cells
        assert after[JOURNAL].count(b"\n") == 1 + len(cells)


def test_a_full_disk_in_the_middle_of_a_run(call, full, tmp_path, monkeypatch):
    args = (*CELLS, "--out", tmp_path / "a")
    assert call(*args)[0] == gate.AGREES
    args = (*CELLS, "--out", tmp_path / "b")
    full(JOURNAL, room=3)
    code, _, err = call(*args)
    assert code == gate.USAGE
    assert JOURNAL in err
    assert "No space left on device" in err
    assert (tmp_path / "b" / JOURNAL).read_bytes().count(b"\n") == 1 + 2
    monkeypatch.undo()
    code, _, _ = call(*args, "--resume")
    assert code == gate.AGREES
    assert files(tmp_path / "b") == files(tmp_path / "a")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_step_summary_that_cannot_be_written(call, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")
    args = (*CELLS, "--out", tmp_path, "--report", "json,github")
    code, _, err = call(*args)
    assert code == gate.USAGE
    assert "/dev/full, which cannot be written (No space left on device)" in err
    assert from_json((tmp_path / "parity.json").read_bytes()).exit_code == gate.AGREES


@pytest.mark.parametrize("damage", [lambda d: d[: len(d) // 2], lambda d: d.replace(b":", b";", 9)])
def test_a_damaged_baseline_stops_before_anything_runs(call, damage, tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    kept = tmp_path / "kept"
    args = (*CELLS, "--baselines", kept)
    saved = call(*args, "--out", tmp_path / "a", "--save-baseline", "main")
    assert saved[0] == gate.AGREES
    broken = damage((kept / "main.json").read_bytes())
    (kept / "main.json").write_bytes(broken)
    for option in ("--baseline", "--save-baseline"):
        code, _, err = call(*args, "--out", tmp_path / "b", option, "main")
        assert code == gate.USAGE
        assert "main.json, which is damaged or no baseline" in err
        assert (kept / "main.json").read_bytes() == broken
        if option == "--baseline":
            assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("judges", "code", "words"),
    [
        ("gone", gate.NOTHING, "nothing was compared"),
        ("torch,gone", gate.INCOMPLETE, "nothing was compared with gone"),
    ],
)
def test_an_absent_backend(call, judges, code, words, tmp_path, monkeypatch):
    monkeypatch.setitem(backends.BUILT_IN, "gone", "no_such_module_here:Adapter")
    args = (*CELLS, "--backend", judges, "--out", tmp_path)
    found, out, _ = call(*args)
    assert found == code
    assert words in out
    assert "No module named 'no_such_module_here'" in out


@pytest.mark.parametrize(
    ("subject", "words"),
    [(OneNan, "= nan, expected"), (Drifting, "y of dtype float64 instead of float32")],
)
def test_nan_and_dtypes_on_one_side(subject, words):
    (case,) = select(["square/typical"])
    with pytest.MonkeyPatch.context() as patch:
        own = subject.__name__
        patch.setitem(backends.BUILT_IN, own, f"{HERE}:{own}")
        for sides in ((own, "torch"), ("refnet", own)):
            task = Task(case, "float32", *sides, 0, ())
            result = run_all([task], 1)[0].result
            assert result.status is Status.FAIL
            assert words in result.reason
            assert gate.gate([result]).exit_code == gate.DIFFERS


def test_a_clock_that_is_put_back(call, tmp_path, monkeypatch):
    assert call(*CELLS, "--out", tmp_path / "a")[0] == gate.AGREES
    now = iter(range(2_000_000_000, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    assert call(*CELLS, "--out", tmp_path / "b")[0] == gate.AGREES
    assert files(tmp_path / "b") == files(tmp_path / "a")
    assert '"seconds": -' not in (tmp_path / "b" / "timings.json").read_text()


def test_a_folder_that_becomes_unwritable(call, tmp_path, monkeypatch):
    make = pathlib.Path.mkdir

    def refuse(path, *args, **options):
        if path.name == "out":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        make(path, *args, **options)

    monkeypatch.setattr(pathlib.Path, "mkdir", refuse)
    code, _, err = call(*CELLS, "--out", tmp_path / "out")
    assert code == gate.USAGE
    assert "Permission denied" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_worker_loses_no_cell():
    cases = select(["relu", "square"])
    tasks = [Task(case, "float32", "refnet", f"{HERE}:Slow", 0, ()) for case in cases]
    tasks = [task for task in tasks if "float32" in task.case.dtypes]
    seen, killed = [], []

    def kill_one(i, _):
        seen.append(i)
        if not killed:
            killed.append(active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    found = run_all(tasks, 2, done=kill_one)
    assert killed
    assert sorted(seen) == list(range(len(tasks)))  # each once
    assert [t.result.case for t in found] == [task.case.id for task in tasks]
    assert {t.result.status for t in found} == {Status.PASS}
