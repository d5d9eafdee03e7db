"""The journal: no cell lost, none counted twice, whatever ends the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from parity.errors import JournalError
from parity.journal import NAME, Entry, Journal
from parity.report.as_json import as_json, from_json
from parity.run import Request, run

ROOT = Path(__file__).resolve().parents[2]
CELLS = ("relu", "tanh", "sgd", "std_normal")
MADE_BY = {"request": "some", "version of torch": "2.13"}


@pytest.fixture(scope="module")
def request_():
    return Request(CELLS, ("float32",), jobs=1)


@pytest.fixture(scope="module")
def finished(request_):
    return run(request_)


def entries(finished):
    return [
        Entry(key=f"{r.case} {r.dtype} torch", seconds=0.5, cell=r) for r in finished.report.cells
    ]


def test_what_was_added_is_there_again(finished, tmp_path):
    path = tmp_path / "deeper" / NAME
    every = entries(finished)
    with Journal(path, MADE_BY, resume=True) as journal:
        assert not journal.done
        for entry in every[:5]:
            journal.add(entry)
    with Journal(path, MADE_BY, resume=True) as journal:
        assert list(journal.done.values()) == every[:5]
        journal.add(every[4])  # a second time
        journal.add(every[5])
    with Journal(path, MADE_BY, resume=True) as journal:
        assert list(journal.done.values()) == every[:6]
    with Journal(path, MADE_BY, resume=False) as journal:
        assert not journal.done
    assert path.read_bytes().count(b"\n") == 1


def test_cut_off_anywhere_it_has_every_whole_line(finished, tmp_path):
    path = tmp_path / NAME
    every = entries(finished)[:3]
    with Journal(path, MADE_BY, resume=False) as journal:
        for entry in every:
            journal.add(entry)
    data = path.read_bytes()
    ends = [i for i, byte in enumerate(data) if byte == ord("\n")]
    for end in range(0, len(data) + 1, 13):
        path.write_bytes(data[:end])
        whole = sum(e < end for e in ends) - 1
        with Journal(path, MADE_BY, resume=True) as journal:
            assert list(journal.done.values()) == every[: max(whole, 0)]


@pytest.mark.parametrize("damage", [b'{"type":"cell"}\n', b"not JSON\n", b"\x00\x01\n"])
def test_damage_is_an_error(finished, tmp_path, damage):
    path = tmp_path / NAME
    with Journal(path, MADE_BY, resume=False) as journal:
        journal.add(entries(finished)[0])
    data = path.read_bytes() + damage
    path.write_bytes(data)
    with pytest.raises(JournalError, match="damaged"):
        Journal(path, MADE_BY, resume=True)
    assert path.read_bytes() == data


def test_another_run_s_journal_is_an_error_that_says_what_differs(tmp_path):
    path = tmp_path / NAME
    Journal(path, MADE_BY, resume=False).__exit__(None, None, None)
    other = {**MADE_BY, "version of torch": "2.14"}
    with pytest.raises(JournalError, match=r"version of torch was 2\.13, and is 2\.14"):
        Journal(path, other, resume=True)


def test_a_folder_that_may_not_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be written"):
        Journal(tmp_path / "file" / NAME, MADE_BY, resume=False)


@pytest.mark.parametrize("kept", [0, 1, 20, -1])
def test_a_run_goes_on_to_the_same_report(request_, finished, tmp_path, kept):
    path = tmp_path / NAME
    whole = run(request_._replace(journal=str(path)))
    assert as_json(whole.report) == as_json(finished.report)
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + len(finished.report.cells)
    path.write_bytes(b"".join(lines[: 1 + kept] if kept >= 0 else lines) + b'{"type":"ce')
    counted = []
    again = run(request_._replace(journal=str(path), resume=True), progress=counted.append)
    assert as_json(again.report) == as_json(finished.report)
    assert sum(counted) == len(finished.report.cells)
    keys = [msgspec.json.decode(line)["key"] for line in path.read_bytes().splitlines()[1:]]
    assert len(keys) == len(set(keys)) == len(finished.report.cells)


def test_other_seeds_and_cells_are_other_runs(request_, tmp_path):
    path = str(tmp_path / NAME)
    few = request_._replace(selectors=("relu/typical",), journal=path)
    run(few)
    for other in (few._replace(seed=1), few._replace(selectors=("relu/huge",))):
        with pytest.raises(JournalError, match="request was"):
            run(other._replace(resume=True))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_it_goes_on(tmp_path):
    """kill -9 of the whole process group, in the middle of a run in two processes."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "parity", "run", "softmax", "conv2d", "--dtype", "float64"]
    command += ["--jobs", "2", "--report", "json", "--out", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)
    journal = out / NAME
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") > 10:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "parity.json").exists()
    assert journal.read_bytes().count(b"\n") > 10
    done = subprocess.run([*command, "--resume"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not journal.exists()
    report = from_json((out / "parity.json").read_bytes())
    cells = [(c.case, c.dtype) for c in report.cells]
    assert len(cells) == len(set(cells)) == report.coverage.compared
    plain = run(Request(("softmax", "conv2d"), ("float64",), jobs=1)).report
    assert as_json(report) == as_json(plain)
