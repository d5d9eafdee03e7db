"""The command, as a user types it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from parity import gate
from parity.cli import cli
from parity.report.as_json import from_json

ROOT = Path(__file__).resolve().parents[2]


def parity(*args, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "parity", *map(str, args)], capture_output=True, text=True, cwd=cwd
    )


def test_a_run_from_end_to_end(tmp_path):
    done = parity("run", "relu", "tanh", "--dtype", "float32", "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no progress bar where there is no terminal
    assert "\x1b" not in done.stdout
    assert "refnet and torch, the worst" in done.stdout
    assert "declared cells compared" in done.stdout
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == [
        "parity.json",
        "parity.md",
        "timings.json",
    ]
    report = from_json((tmp_path / "r" / "parity.json").read_bytes())
    assert report.exit_code == 0
    assert {c.op for c in report.cells} == {"relu", "tanh"}
    assert {"began", "seconds", "jobs", "slowest"} <= json.loads(
        (tmp_path / "r" / "timings.json").read_text()
    ).keys()


def test_the_same_seed_gives_the_same_bytes_whatever_the_jobs(call, tmp_path):
    for name, jobs in (("a", 1), ("b", 2), ("c", 1)):
        code, _, _ = call(
            "run", "softmax", "std_normal", "sgd", "--dtype", "float32", "--jobs", jobs,
            "--seed", 5, "--out", tmp_path / name,
        )  # fmt: skip
        assert code == 0
    for file in ("parity.md", "parity.json"):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b == c


@pytest.mark.parametrize(("kinds", "files"), [("md", ["parity.md"]), ("json", ["parity.json"])])
def test_report_says_which_are_written(call, kinds, files, tmp_path):
    args = ("run", "relu/typical", "--report", kinds, "--out", tmp_path)
    assert call(*args)[0] == 0
    assert sorted(p.name for p in tmp_path.glob("parity.*")) == files


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("run", "rleu"), "Did you mean 'relu'"),
        (("run", "relu", "--dtype", "float8"), "float8"),
        (("run", "relu", "--backend", "tensorflow2"), "tensorflow2"),
        (("run", "relu", "--subject", "nowhere:Adapter"), "nowhere"),
        (("run", "relu", "--subject", "nowhere"), "nowhere"),
        (("run", "relu", "--report", "pdf"), "pdf"),
        (("run", "relu", "--report", ""), "--report"),
        (("run", "relu", "--out", Path(__file__)), "--out"),
        (("run", "relu", "--out", Path(__file__) / "sub"), "no folder"),
        (("run", "relu", "--backend", "torch", "--backend", "parity.backends:adapter"), "adapter"),
        (("run", "relu", "--backend", ","), "--backend"),
        (("run", "relu", "--backend", "torch,jxa"), "jxa"),
        (("run", "relu", "--jobs", "0"), "--jobs"),
        (("run", "relu", "--seed", "-1"), "--seed"),
        (("run", "--mnist", "/no/such/place"), "no/such/place"),
        (("run", "xor", "--dtype", "float16"), "without a case"),
        (("list", "nothing-like-it"), "nothing-like-it"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_mistakes_exit_2_and_write_nothing(call, args, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*args)
    assert code == gate.USAGE == 2
    assert words in err
    assert "Traceback" not in out + err
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_register_exits_2(call, tmp_path, monkeypatch):
    from parity import deviations

    broken = tmp_path / "deviations.toml"
    broken.write_text("[[deviation]]\nid = 3\n")
    load = deviations.load
    monkeypatch.setattr(deviations, "load", lambda cases=None: load(broken, cases))
    code, _, err = call("run", "relu/typical", "--out", tmp_path / "r")
    assert code == 2
    assert err.startswith("parity: register: got deviations.toml")


SUBJECTS = """
import numpy as np
from parity import Adapter, Functions

class Wrong(Adapter):
    name = "wrong"
    def operations(self):
        return {"add": Functions(lambda a, b: a - b), "square": Functions(lambda x: x * x)}

class Empty(Adapter):
    name = "empty"

class Raising(Adapter):
    name = "raising"
    def operations(self):
        return {"add": Functions(self.fail)}
    def fail(self, a, b):
        raise OSError("out of order")

class RaisingToo(Raising):
    name = "raising too"

class Leaving(Adapter):
    name = "leaving"
    def operations(self):
        import os
        return {"add": Functions(lambda a, b: os._exit(0))}
"""


@pytest.fixture
def subjects(tmp_path, monkeypatch):
    (tmp_path / "own_subjects.py").write_text(SUBJECTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_difference_exits_1_and_is_named_with_the_command_that_shows_it(call, subjects):
    args = ("run", "add", "dense", "--subject", "own_subjects:Wrong", "--jobs", 1)
    code, out, _ = call(*args)
    assert code == 1
    assert "cell(s) differ, in add;" in out
    assert "parity repro add/" in out
    assert "--subject own_subjects:Wrong --seed 0" in out
    report = (subjects / "parity-report" / "parity.md").read_text()
    assert "## What differs" in report
    assert "wrong loses accuracy" in report
    assert "wrong has no dense" in report
    # The command that the report names shows the same again.
    command = next(line for line in report.splitlines() if line.startswith("    parity repro add/"))
    assert call(*command.split()[1:])[0] == 1


def test_a_subject_that_has_nothing_exits_5(call, subjects):
    args = ("run", "relu", "--subject", "own_subjects:Empty")
    code, out, _ = call(*args)
    assert code == 5
    assert "nothing was compared" in out


def test_a_subject_that_only_raises_parts_from_the_backend(call, subjects):
    args = ("run", "add/typical", "--subject", "own_subjects:Raising", "--dtype", "float32")
    code, out, _ = call(*args)
    assert code == 1
    assert "OSError from raising (out of order)" in out
    code, out, _ = call(*args, "--backend", "own_subjects:RaisingToo")
    assert code == 3
    assert "nothing was compared: every cell that ran raised an error" in out


def test_a_subject_that_leaves_is_no_success(call, subjects):
    """Neither by an exception that no except catches, nor with its process."""
    (subjects / "leaving.py").write_text("import sys; sys.exit(0)")
    args = ("run", "add/typical", "--dtype", "float32", "--jobs", 1, "--subject")
    assert call(*args, "leaving:A")[0] == 2
    code, out, _ = call(*args, "own_subjects:Leaving")
    assert code == 3
    assert "the worker process died" in out


def test_a_backend_of_ones_own_has_rows_and_a_command(call, subjects):
    args = ("run", "square/typical", "add/typical", "--backend", "own_subjects:Wrong")
    code, out, _ = call(*args)
    assert code == 1
    assert "refnet and wrong" in out
    assert "--backend own_subjects:Wrong --seed 0" in out
    report = (subjects / "parity-report" / "parity.md").read_text()
    assert "## Operations, initializers and optimizers: refnet and wrong" in report
    assert "wrong: bound used" in report


@pytest.mark.parametrize(
    "judges", [("--backend", "torch, second"), ("--backend", "torch", "--backend", "second,torch")]
)
def test_several_judges_in_one_option_or_in_several(call, judges, subjects, monkeypatch):
    from parity import backends

    monkeypatch.setitem(backends.BUILT_IN, "second", "parity.backends.torch:TorchAdapter")
    monkeypatch.setattr("parity.cli.run", lambda request, **_: asked.append(request) or stop())
    asked = []

    def stop():
        raise KeyboardInterrupt

    call("run", "square/typical", *judges)
    assert [request.backends for request in asked] == [("torch", "second")]


def test_an_unexpected_error_is_never_a_difference(call, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug of parity's own")

    monkeypatch.setattr("parity.cli.run", broken)
    code, _, err = call("run", "relu")
    assert code == 3
    assert "a bug of parity's own" in err


def test_list(call):
    code, out, _ = call("list", "softmax", "xor", "he_normal")
    assert code == 0
    assert "softmax/masked" in out
    assert "xor/sources" in out
    assert "cases," in out.splitlines()[-1]


def test_help_names_the_exit_codes():
    for args in (["--help"], ["run", "-h"]):
        shown = CliRunner().invoke(cli, args).output
        assert "5  nothing was compared" in shown


def test_on_a_terminal_tables_are_coloured():
    from rich.console import Console

    from parity import Request, run
    from parity.report.terminal import print_summary

    shown = io.StringIO()
    console = Console(force_terminal=True, width=160, file=shown)
    print_summary(run(Request(selectors=["relu"], jobs=1)).report, console)
    text = shown.getvalue()
    assert "\x1b[" in text
    assert "pass" in text


def test_a_run_that_is_stopped_says_nothing_of_the_sides(call, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("parity.cli.run", stopped)
    code, _, err = call("run", "relu")
    assert code == gate.INCOMPLETE
    assert "stopped" in err


def test_baselines(call, tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    folder, out = tmp_path / "baselines", tmp_path / "out"
    given = ("run", "relu", "--dtype", "float32", "--out", out, "--baselines", folder)
    code, _, err = call(*given, "--baseline", "main")
    assert code == gate.USAGE
    assert "main.json" in err
    assert not out.exists()
    code, _, err = call(*given, "--baseline", "main", "--baseline-lenient")
    assert code == 0
    assert "going on without" in err
    code, text, _ = call(*given, "--save-baseline", "main")
    assert code == 0
    assert (folder / "main.json").exists()
    code, text, _ = call(*given, "--baseline", "main")
    assert code == 0
    assert "unchanged" in text
    assert "Nothing changed" in (out / "regression.md").read_text("utf-8")
    code, _, err = call(*given, "--baseline", "main", "--seed", 7)
    assert code == gate.USAGE
    assert "seed 0 beside seed 7" in err
    # A status that was better before is a regression.
    saved = (folder / "main.json").read_text("utf-8")
    (folder / "main.json").write_text(saved.replace('["known"', '["pass"'), "utf-8")
    code, text, _ = call(*given, "--baseline", "main")
    assert code == gate.DIFFERS
    assert "regressed: status: relu/kinks" in text
    code, text, _ = call("compare", folder / "main.json", out / "parity.json")
    assert code == gate.DIFFERS
    assert "regressed: status: relu/kinks" in text
    monkeypatch.setenv("CI", "true")
    code, _, err = call(*given, "--save-baseline", "main")
    assert code == gate.USAGE
    assert "CI job" in err


def test_how_much_is_printed(call, tmp_path):
    given = ("run", "relu", "--dtype", "float32", "--out", tmp_path)
    printed = {}
    for flags in ((), ("-q",), ("-v",), ("-vv",)):
        code, printed[flags], _ = call(*given, *flags)
        assert code == 0
    assert printed[("-q",)].count("\n") == 1
    assert "declared cells compared" in printed[("-q",)]
    assert "pass: relu/typical in float32 with torch" in printed[("-vv",)]
    assert "pass: relu/typical" not in printed[("-v",)]
    assert printed[("-v",)].count("\n") >= printed[()].count("\n")
    code, _, err = call(*given, "-q", "-v")
    assert code == gate.USAGE
    assert "contradict" in err
