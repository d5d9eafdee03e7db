from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from parity.cli import cli
from parity.errors import SelectionError
from parity.trace import Recorder


def run(*args):
    return CliRunner().invoke(cli, ["explain", *map(str, args)])


def test_a_case_is_recorded_and_explained(tmp_path):
    done = run("xor/momentum", "--steps", 8, "--out", tmp_path, "--dtype", "float64")
    assert done.exit_code == 0, done.output
    assert "Rounding in float64 explains the difference" in done.output
    saved = json.loads((tmp_path / "explanation.json").read_bytes())
    assert saved["steps"] == 8
    assert not saved["differs"]
    again = run(tmp_path / "xor-momentum-float64.trace", "--out", tmp_path)
    assert again.output == done.output


def test_two_recordings(tmp_path):
    for name, lr in (("a", 0.1), ("b", 0.2)):
        w = np.ones(3)
        with Recorder(tmp_path / name, optimizer=f"sgd(lr={lr})") as recorder:
            recorder.write(0, {"parameter/w": w})
            for _ in range(3):
                g, w = 2 * w, w - lr * 2 * w
                recorder.step(**{"gradient/w": g, "parameter/w": w})
    done = run(tmp_path / "a", tmp_path / "b", "--out", tmp_path)
    assert done.exit_code == 1
    assert "None of these explains" in done.output
    assert run(tmp_path / "a", tmp_path / "a", "--out", tmp_path).exit_code == 0


@pytest.mark.parametrize("selector", ["softmax", "xor", "no/such"])
def test_refuses_what_is_not_one_training_case(selector, tmp_path):
    done = run(selector, "--out", tmp_path)
    assert isinstance(done.exception, SelectionError)
