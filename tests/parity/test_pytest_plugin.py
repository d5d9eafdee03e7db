"""The cells as tests, in a session of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from parity import Adapter, Functions
from parity.report.as_json import as_json
from parity.run import Request, run

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests.parity.test_pytest_plugin"
# Where parity was installed before it had the plugin.
LOADED = (
    [] if list(entry_points(group="pytest11", name="parity")) else ["-p", "parity.pytest_plugin"]
)


OWN = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)


@pytest.fixture
def session(capsys, monkeypatch):
    """Return a function that runs pytest in this process: exit code and what it printed."""
    monkeypatch.chdir(ROOT)
    # What a worker of xdist's tells its own session is not for the one within.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)

    def run_within(*args):
        code = pytest.main([*LOADED, *OWN, *map(str, args)])
        captured = capsys.readouterr()
        return Done(code, captured.out + captured.err)

    return run_within


class Done(NamedTuple):
    returncode: int
    stdout: str


def in_a_process(*args, **variables):
    command = [sys.executable, "-m", "pytest", *LOADED, "-p", "no:cacheprovider", *map(str, args)]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    return Done(done.returncode, done.stdout + done.stderr)


CELLS = ("--parity", "--parity-select", "relu", "--parity-dtype", "float32")


def test_each_cell_is_a_test_with_a_stable_id(session):
    done = session(*CELLS, "--collect-only", "-q")
    assert done.returncode == 0, done.stdout
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    report = run(Request(("relu",), ("float32",), jobs=1)).report
    assert ids == [f"parity::{c.case}[float32-torch]" for c in report.cells]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["serial", "xdist"])
def test_the_report_is_that_of_the_command(session, tmp_path, workers):
    asked = [*CELLS, "--parity-out", tmp_path, "-q"]
    done = session(*asked) if not workers else in_a_process(*asked, *workers)
    assert done.returncode == 0, done.stdout
    assert "cells agree, 1 of them as the register says" in done.stdout
    report = run(Request(("relu",), ("float32",), jobs=1)).report
    assert (tmp_path / "parity.json").read_bytes() == as_json(report)


def test_what_differs_fails_with_the_command_that_runs_it_again(session):
    done = session(*CELLS, "--parity-subject", f"{HERE}:Wrong", "-q", "-k", "typical or empty")
    assert done.returncode == 1
    assert "wrong loses accuracy" in done.stdout
    assert f"parity repro relu/typical --dtype float32 --backend torch --subject {HERE}:Wrong" in (
        done.stdout
    )


@pytest.mark.parametrize(
    "by", [("-k", "kinks"), ("-m", "parity_regime and not parity_op or parity")]
)
def test_a_selection_by_marks_and_keywords(session, by):
    done = session(*CELLS, "--collect-only", "-q", *by)
    assert "parity::relu/kinks[float32-torch]" in done.stdout
    assert ("parity::relu/huge" in done.stdout) == (by[0] == "-m")


def test_a_mistake_is_one_of_usage(session):
    done = session("--parity", "--parity-select", "rellu")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Did you mean 'relu'" in done.stdout


def test_nothing_happens_without_the_option(session, tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    done = session("-q", tmp_path)
    assert done.returncode == 0
    assert "parity" not in done.stdout
    both = session("-v", *CELLS, tmp_path / "test_it.py")
    assert both.returncode == 0
    assert "test_it.py" in both.stdout
    assert "parity::relu/kinks" in both.stdout


def test_a_cell_that_is_not_reported_is_no_success(tmp_path):
    """A plugin that loses a report, as a worker that dies silently would."""
    (tmp_path / "losing.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    if 'kinks' in item.nodeid and call.when == 'call':\n"
        "        item.user_properties.clear()\n"
    )
    done = in_a_process("-p", "losing", "-q", *CELLS, PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert "1 cells were not reported, such as relu/kinks" in done.stdout


class Wrong(Adapter):
    """A subject whose ReLU is twice what it should be."""

    name = "wrong"

    def operations(self):
        return {"relu": Functions(lambda x: 2 * np.maximum(x, 0))}
