"""The examples run, and stay as short as they claim to be."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import parity.experiments
from parity.programs.own import record
from parity.programs.program import Program
from parity.report.as_json import from_json
from parity.result import Status
from parity.trace import Recorder, Recording

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PRINTED = Path(parity.experiments.__file__).parent / "printed"


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


@pytest.mark.parametrize(
    ("file", "argv", "steps", "accuracy"),
    [
        ("mnist_mlp.py", ("--epochs", "3", "--hidden", "30"), 36, 0.7),
        ("one_layer.py", ("gradient-descent", "--epochs", "3"), 36, 0.7),
        ("one_layer.py", ("momentum", "--epochs", "3"), 36, 0.7),
        ("one_layer.py", ("adagrad", "--epochs", "3"), 36, 0.8),
        ("one_layer.py", ("adadelta", "--epochs", "3"), 36, 0.5),
        ("one_layer.py", ("rmsprop", "--epochs", "3"), 36, 0.8),
        ("one_layer.py", ("adam", "--epochs", "3"), 36, 0.7),
        ("cnn.py", ("--epochs", "2"), 46, 0.7),
        ("cnn.py", ("--epochs", "2", "--pool"), 46, 0.6),
        ("sentiment.py", ("--epochs", "3"), 24, 0.6),
        ("sentiment.py", ("--epochs", "3", "--count"), 24, 0.4),
    ],
)
def test_programs_of_tensorflow_1_run_on_refnet(tmp_path, file, argv, steps, accuracy):
    with Recorder(tmp_path / "refnet.trace") as recorder:
        own = record(Program(EXAMPLES / "tf1" / file, argv), recorder, 1)
    assert own.steps == steps
    reached = float(re.findall(r"accuracy (\d\.\d+)", own.printed)[-1])
    assert accuracy <= reached <= 1


def test_the_adder_has_the_sources_printed_weights(tmp_path):
    printed = json.loads((PRINTED / "rnn_binary_addition.json").read_text())["printed"]
    last = max(map(int, printed))
    with Recorder(tmp_path / "refnet.trace") as recorder:
        program = Program(EXAMPLES / "tf1" / "rnn_adder.py", ("--updates", str(last + 1)))
        own = record(program, recorder, last + 1)
    assert own.steps == last + 1
    recording = Recording(tmp_path / "refnet.trace")
    for epoch, wanted in printed.items():
        found = recording.at(int(epoch) + 1).parameters
        for of, a in (("b", found["rnn_cell/b"]), ("W_last_row", found["rnn_cell/W"][-1])):
            if of in wanted:
                assert np.abs(a - wanted[of]).max() < 0.00051  # 3 decimals


def test_every_program_names_both_imports():
    files = sorted((EXAMPLES / "tf1").glob("*.py"))
    assert len(files) == 5
    for file in files:
        text = file.read_text()
        assert "import refnet.tf1 as tf\n" in text
        assert "`import tensorflow.compat.v1 as tf`" in text
