"""`parity program`, as a user types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity import gate
from parity.cli import cli
from tests.parity.programs.texts import SMALL, program


def run(*args):
    return CliRunner().invoke(cli, ["program", *map(str, args)])


@pytest.fixture
def file(tmp_path):
    return program(tmp_path, SMALL, optimizer="MomentumOptimizer(0.1, 0.9)", steps=4).path


@pytest.mark.usefixtures("tensorflow")
def test_a_program_that_agrees(file, tmp_path):
    text = file.read_text().replace("range(4)", "range(int(__import__('sys').argv[1]))")
    file.write_text(text)
    done = run(file, "--steps", 2, "--out", tmp_path / "out", "--", 3)
    assert done.exit_code == gate.AGREES, done.output
    assert done.output.startswith("program 3: pass\nlockstep: 2 steps, ")
    assert "drawn differently, and set to refnet's: w\n" in done.output
    assert "by itself: 3 steps, " in done.output
    assert "accuracy: refnet 0.75, tensorflow 0.75" in done.output
    assert (tmp_path / "out" / "tensorflow.trace").is_file()


@pytest.mark.usefixtures("tensorflow")
def test_json_and_exit_codes(file):
    text = file.read_text()
    file.write_text(text.replace("0.9)", "0.9 + 0.01 * ('tensorflow' in tf.__name__))"))
    done = run(file, "--json")
    assert done.exit_code == gate.DIFFERS
    assert json.loads(done.output)["backend_apart"]["tensor"] == "slot/momentum_buffer/w"
    file.write_text(text + "\nraise KeyError\n")
    assert run(file).exit_code == gate.INCOMPLETE


@pytest.mark.usefixtures("tensorflow")
def test_what_is_no_program_is_a_mistake(file):
    file.write_text("import numpy\n")
    done = run(file)
    assert "does not import TensorFlow" in str(done.exception)
