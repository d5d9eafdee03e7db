"""The examples run, and stay as short as they claim to be."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

from parity.report.as_json import from_json
from parity.result import Status

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def test_an_adapter_of_ones_own(tmp_path):
    assert len((EXAMPLES / "own_adapter.py").read_text().splitlines()) < 60
    command = [sys.executable, "-m", "parity", "run", "--subject", "own_adapter:OwnAdapter"]
    done = subprocess.run(
        [*command, *["dense", "identity", "softmax", "matmul", "relu"], "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=EXAMPLES,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = from_json((tmp_path / "parity.json").read_bytes())
    assert {c.op for c in report.cells if c.status is Status.PASS} == {
        "dense",
        "identity",
        "softmax",
    }
    assert all(c.status in (Status.PASS, Status.UNSUPPORTED) for c in report.cells)
    assert any(c.forward_only for c in report.cells)
    assert any(c.reason == "own has no matmul" for c in report.cells)


def test_two_runs_are_recorded_and_compared(tmp_path, capsys):
    assert len((EXAMPLES / "trace_two_runs.py").read_text().splitlines()) < 80
    runpy.run_path(str(EXAMPLES / "trace_two_runs.py"))["main"](tmp_path)
    same, other = capsys.readouterr().out.split("momentum 0.9 in torch, ")[1:]
    assert same.startswith("0.9 in refnet")
    assert same.strip().endswith("they agree within rounding at every step")
    assert "B's axes in another order: fc1.w (1, 0), fc2.w (1, 0)" in same
    assert "compared: 61 steps (0 to 60), 16 tensors" in same
    # The first update is the same without a buffer; the second adds the first's, differently.
    assert other.strip().endswith("they part at step 2, first in slot/momentum_buffer/fc1.w")
