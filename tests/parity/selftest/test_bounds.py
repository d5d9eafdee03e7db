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
    other = bounds.row(bounds.Observed("tanh", 8, 0.5, 0.25, 0.1, 0.1, ()))
    out.write_text(bounds.report({"tanh": other}, 8))
    done = CliRunner().invoke(
        bounds.main, ["relu", "--runs", "8", "--jobs", "1", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    text = out.read_text()
    assert bounds.written(text)["tanh"] == other
    assert set(bounds.written(text)) == {"relu", "tanh"}
    assert text.startswith("# Bounds and correct runs: 0 of 16 outside")
