"""`parity trace`, as a user types it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from parity import gate
from parity.cli import cli, main
from parity.trace import Recorder
from tests.parity.trace.runs import at, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("runs")
    run(made / "a")
    run(made / "reordered", reverse=True)
    run(made / "other", at("batch", 7, lambda i: i - 2))
    return made


def trace(*args):
    return CliRunner().invoke(cli, ["trace", *map(str, args)])


def test_runs_that_agree(folder):
    done = trace("compare", folder / "a", folder / "a")
    assert done.exit_code == gate.AGREES
    assert done.output == "compared: 13 steps (0 to 12), 18 tensors\n\nevery value agrees\n"
    done = trace("compare", folder / "a", folder / "reordered")
    assert done.exit_code == gate.AGREES
    assert "they do not part by more than 1.0e-04; the parameters end 1" in done.output
    assert "any difference " in done.output


def test_runs_that_part(folder):
    done = trace("compare", folder / "a", folder / "other")
    assert done.exit_code == gate.DIFFERS
    assert done.output.endswith("they part at step 7, first in batch/t\n")
    rows = [re.split(r"\s{2,}", line)[:3] for line in done.output.splitlines()]
    assert ["parting", "7", "batch/t"] in rows
    assert ["first gradient to part", "7", "gradient/fc2.b"] in rows
    assert "distance of the parameters" in done.output
    assert "factor of" in done.output


def test_json(folder):
    done = trace("compare", folder / "a", folder / "other", "--json")
    assert done.exit_code == gate.DIFFERS
    found = json.loads(done.output)
    assert found["first_parted"]["tensor"] == "batch/t"
    assert len(found["distances"]) == 13


def test_a_threshold(folder):
    run(
        folder / "small",
        at("gradients", 5, lambda g: {**g, "fc2.b": g["fc2.b"] * np.float32(1.01)}),
    )
    args = ("compare", folder / "a", folder / "small")
    assert trace(*args).exit_code == gate.DIFFERS
    done = trace(*args, "--threshold", "0.1")
    assert done.exit_code == gate.AGREES
    assert "they do not part by more than 0.1; the parameters end 2.5e-04 apart" in done.output
    assert trace(*args, "--threshold", "nan").exit_code == gate.USAGE


def recorded(path, *steps):
    with Recorder(path, optimizer="SGD") as rec:
        for tensors in steps:
            rec.step(**tensors)
    return path


def test_renamings_axes_dtypes_and_what_is_in_one_alone(tmp_path, rng):
    w = rng.standard_normal((4, 3)).astype("f4")
    a = recorded(tmp_path / "a", {"parameter/0.weight": w, "gradient/0.weight": w, "loss": 1.0})
    b = recorded(tmp_path / "b", {"parameter/fc.w": w.T.astype("f8")}, {})
    assert trace("compare", a, b).exit_code == gate.NOTHING
    assert "no tensor in common; see --rename" in trace("compare", a, b).output
    done = trace("compare", a, b, "--rename", "0.weight=fc.w")
    assert done.exit_code == gate.AGREES
    for words in (
        "compared: 1 step (1 to 1), 1 tensor\n",
        "only in A: gradient/fc.w (1 step), loss (1 step)",
        "only in B: 1 step\n",
        "B's axes in another order: fc.w (1, 0)",
        "dtypes differ: float32 and float64",
    ):
        assert words in done.output
    assert trace("compare", a, b, "--rename", "0.weight").exit_code == gate.USAGE


def test_no_step_in_common(tmp_path):
    with Recorder(tmp_path / "b") as rec:
        rec.write(5, {"loss": 1.0})
    done = trace("compare", recorded(tmp_path / "a", {"loss": 1.0}), tmp_path / "b")
    assert done.exit_code == gate.NOTHING
    assert "no step in common" in done.output


def test_files_that_cannot_be_read_exit_2(tmp_path, monkeypatch, capsys):
    (tmp_path / "text").write_text("no recording")
    for args in (["show", "text"], ["show", "nothing"], ["compare", "text", "text"]):
        paths = [a if a in ("show", "compare") else str(tmp_path / a) for a in args]
        monkeypatch.setattr("sys.argv", ["parity", "trace", *paths])
        with pytest.raises(SystemExit) as done:
            main()
        assert done.value.code == gate.USAGE
        assert capsys.readouterr().err.startswith("parity: Recording: got ")


def test_show(tmp_path):
    path = recorded(
        tmp_path / "r",
        {"parameter/w": np.ones((2, 3), "f4"), "loss": 1.0},
        {"parameter/w": np.ones((2, 4), "f4")},
    )
    done = trace("show", path)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[:2] == ["optimizer: SGD", "2 steps, 1 to 2"]
    assert lines[5].split("  ")[0] == "parameter/w"
    assert "float32 ..." in lines[5]
    assert lines[6].split() == ["loss", "float64", "()", "1"]
    found = json.loads(trace("show", path, "--json").output)
    assert found["tensors"]["parameter/w"] == {
        "dtype": "float32", "shape": [2, 3], "steps": 2, "varies": True,
    }  # fmt: skip
    assert found["steps"] == [1, 2]
    path.write_bytes(path.read_bytes()[:-1])
    assert "1 step, 1 to 1, cut off within the next" in trace("show", path).output


def test_show_does_nothing_to_a_terminal(tmp_path):
    with Recorder(tmp_path / "r", **{"a\x1b[2J": "b\x1b[2J", "c": ["\x1b"]}):
        pass
    output = trace("show", tmp_path / "r").output
    assert "\x1b" not in output
    assert "no steps" in output
