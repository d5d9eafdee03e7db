"""The cells as tests, in a session of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

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


def session(*args, cwd=ROOT):
    command = [sys.executable, "-m", "pytest", *LOADED, "-p", "no:cacheprovider", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


CELLS = ("--parity", "--parity-select", "relu", "--parity-dtype", "float32")


def test_each_cell_is_a_test_with_a_stable_id(tmp_path):
    done = session(*CELLS, "--collect-only", "-q")
    assert done.returncode == 0, done.stdout
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    report = run(Request(("relu",), ("float32",), jobs=1)).report
    assert ids == [f"parity::{c.case}[float32-torch]" for c in report.cells]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["serial", "xdist"])
def test_the_report_is_that_of_the_command(tmp_path, workers):
    done = session(*CELLS, "--parity-out", tmp_path, "-q", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cells agree, 1 of them as the register says" in done.stdout
    report = run(Request(("relu",), ("float32",), jobs=1)).report
    assert (tmp_path / "parity.json").read_bytes() == as_json(report)


def test_what_differs_fails_with_the_command_that_runs_it_again():
    done = session(*CELLS, "--parity-subject", f"{HERE}:Wrong", "-q", "-k", "typical or empty")
    assert done.returncode == 1
    assert "wrong loses accuracy" in done.stdout
    assert f"parity repro relu/typical --dtype float32 --backend torch --subject {HERE}:Wrong" in (
        done.stdout
    )


def test_a_selection_by_marks_and_keywords():
    for chosen in (("-k", "kinks"), ("-m", "parity_regime and not parity_op or parity")):
        done = session(*CELLS, "--collect-only", "-q", *chosen)
        assert "parity::relu/kinks[float32-torch]" in done.stdout
    assert "huge" not in session(*CELLS, "--collect-only", "-q", "-k", "kinks").stdout


def test_a_mistake_is_one_of_usage():
    done = session("--parity", "--parity-select", "rellu")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Did you mean 'relu'" in done.stdout + done.stderr


def test_nothing_happens_without_the_option(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    done = session("-q", tmp_path)
    assert done.returncode == 0
    assert "parity" not in done.stdout
    both = session("-q", *CELLS, tmp_path / "test_it.py")
    assert "test_it.py" in session("-v", *CELLS, tmp_path / "test_it.py").stdout
    assert both.returncode == 0


def test_a_cell_that_is_not_reported_is_no_success(tmp_path):
    """A plugin that loses a report, as a worker that dies silently would."""
    (tmp_path / "losing.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    if 'kinks' in item.nodeid and call.when == 'call':\n"
        "        item.user_properties.clear()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *LOADED, "-p", "losing", "-q", *CELLS],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 3
    assert "1 cells were not reported, such as relu/kinks" in done.stdout


class Wrong(Adapter):
    """A subject whose ReLU is twice what it should be."""

    name = "wrong"

    def operations(self):
        return {"relu": Functions(lambda x: 2 * np.maximum(x, 0))}
