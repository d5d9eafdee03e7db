from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from parity.cli import cli
from parity.errors import SelectionError
from parity.trace import Recorder, Recording


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
    assert "with lr=0.2, as its own info says, it is." in done.output
    assert run(tmp_path / "a", tmp_path / "a", "--out", tmp_path).exit_code == 0
    with Recorder(tmp_path / "c") as recorder:
        for step in Recording(tmp_path / "a"):
            recorder.write(step.step, {f"{k}eight": v for k, v in step.tensors.items()})
    done = run(tmp_path / "a", tmp_path / "c", "--out", tmp_path)
    assert done.exit_code == 5
    assert "Nothing was compared" in done.output
    renamed = run(tmp_path / "a", tmp_path / "c", "--out", tmp_path, "--rename", "w=weight")
    assert renamed.exit_code == 0


@pytest.mark.parametrize("selector", ["softmax", "xor", "no/such", "missing.trace"])
def test_refuses_what_is_not_one_training_case(selector, tmp_path):
    done = run(selector, "--out", tmp_path)
    assert isinstance(done.exception, SelectionError)
    assert "or a recording" in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_refuses_a_dtype_that_the_case_has_not(tmp_path):
    done = run("xor/sources", "--dtype", "float16", "--out", tmp_path)
    assert isinstance(done.exception, SelectionError)
    assert "float32, float64" in str(done.exception)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["xor/sources", "--optimizer", "sgd(lr=1)"], "--optimizer: is for two recordings alone"),
        (["xor/sources", "--rename", "a=b"], "--rename: is for two recordings alone"),
        (["{a}", "--steps", 3], "--steps: is for a case alone"),
        (["{a}", "{a}", "--dtype", "float64"], "--dtype: is for a case alone"),
        (["{a}", "{a}", "--rename", "ab"], "'ab' is not OLD=NEW"),
        (["xor/sources", "--out", "/proc/no/such"], "cannot be written to"),
    ],
)
def test_wrong_usage_is_said_in_words(args, words, tmp_path):
    with Recorder(tmp_path / "a") as recorder:
        recorder.write(0, {"parameter/w": np.ones(2)})
        recorder.step(**{"parameter/w": np.ones(2)})
    given = [str(a).format(a=tmp_path / "a") for a in args]
    done = run(*(["--out", tmp_path] if "--out" not in given else []), *given)
    assert done.exit_code == 2
    assert words in " ".join(done.output.replace("'--", "--").replace("':", ":").split())


def test_a_folder_in_the_place_of_the_explanation(tmp_path):
    (tmp_path / "explanation.json").mkdir()
    done = run("xor/sources", "--steps", 1, "--out", tmp_path)
    assert done.exit_code == 2
    assert "--out" in done.output
