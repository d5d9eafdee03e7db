"""Frameworks that are not installed: their cells are absent, and a run says so."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# None in sys.modules makes `import` raise ModuleNotFoundError, as for what is not installed.
PROGRAM = """
import sys
sys.modules[sys.argv.pop(1)] = None
from parity.cli import main
main()
"""


@pytest.mark.parametrize("module", ["jax", "optax"])
def test_without_jax_its_cells_are_absent_and_the_run_fails(module, tmp_path):
    arguments = ["run", "relu/typical", "--backend", "jax", "--dtype", "float32"]
    out = tmp_path / "report"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, module, *arguments, "--jobs", "1", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 5, done.stderr
    found = json.loads((out / "parity.json").read_text("utf-8"))
    assert found["exit_code"] == 5
    (cell,) = found["cells"]
    assert cell["status"] == "absent"
    assert module in cell["reason"]
