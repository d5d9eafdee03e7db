"""The command that holds correct runs to their bounds, and the report that it writes row by row."""

from __future__ import annotations

from click.testing import CliRunner

from parity import gate
from parity.selftest import bounds


def test_an_operation_that_has_no_cases_is_a_mistake_in_the_command():
    done = CliRunner().invoke(bounds.main, ["sofmax"])
    assert done.exit_code == gate.USAGE
    assert "softmax" in done.output


def test_rows_of_named_operations_take_their_place_among_the_others(tmp_path):
    out = tmp_path / "bounds.md"
    one = CliRunner().invoke(bounds.main, ["relu", "--runs", "8", "--jobs", "1", "--out", str(out)])
    assert one.exit_code == 0, one.output
    two = CliRunner().invoke(bounds.main, ["tanh", "--runs", "8", "--jobs", "1", "--out", str(out)])
    assert two.exit_code == 0, two.output
    text = out.read_text()
    assert set(bounds.written(text)) == {"relu", "tanh"}
    assert text.startswith("# Bounds and correct runs: 0 of 16 outside")
