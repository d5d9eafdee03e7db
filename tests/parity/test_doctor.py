"""What parity says of the machine, and how it completes itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from parity import backends, doctor
from parity.cli import cli
from parity.completion import SHELLS, complete_selector
from parity.run import cpu_features

ROOT = Path(__file__).resolve().parents[2]


def test_circumstances(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    found = {f.what: f.found for f in doctor.circumstances()}
    assert found["numpy"] == np.__version__
    assert found["$OPENBLAS_CORETYPE"] == "Haswell"
    assert found["NumPy's CPU features"] == " ".join(cpu_features())
    assert "oracle" in found["longdouble"] or "absent" in found["longdouble"]
    assert all(f.found for f in doctor.circumstances() if f.what != "NumPy's CPU features")


def test_who_can_run_and_why_not(monkeypatch):
    monkeypatch.setattr(
        doctor, "BUILT_IN", {"refnet": backends.BUILT_IN["refnet"], "gone": "no_such_module:A"}
    )
    monkeypatch.setattr(backends, "BUILT_IN", doctor.BUILT_IN)
    mine, gone = doctor.adapters()
    assert (mine.name, mine.runs) == ("refnet", True)
    assert (gone.runs, "no_such_module" in gone.words) == (False, True)
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 3
    assert "does not run" in done.stdout


def test_the_command():
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 0, done.output
    for said in ("NumPy's BLAS", "longdouble", "torch", "runs"):
        assert said in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts(shell):
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert "_PARITY_COMPLETE" in done.stdout
    assert CliRunner().invoke(cli, ["completion", "tcsh"]).exit_code == 2


def test_selectors_are_completed():
    assert [c.value for c in complete_selector(None, None, "softma")] == [
        "softmax",
        "softmax_cross_entropy",
    ]
    assert "xor/sources" in [c.value for c in complete_selector(None, None, "xor/s")]
    code = (
        "import sys, os; sys.argv = ['parity'];"
        "os.environ.update(_PARITY_COMPLETE='bash_complete', COMP_WORDS='parity run xo',"
        " COMP_CWORD='2'); from parity.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "plain,xor\n"
