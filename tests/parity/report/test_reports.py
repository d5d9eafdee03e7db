from __future__ import annotations

import json
import math
from io import StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from rich.console import Console

from parity import Request, run
from parity.cells import number, side
from parity.compare import Deviation
from parity.report.as_github import error_lines, step_summary
from parity.report.as_json import as_json, from_json
from parity.report.as_junit import as_junit
from parity.report.as_markdown import as_markdown
from parity.report.rows import (
    free_rows,
    headline,
    lockstep_rows,
    operation_rows,
    selection,
    short,
    training_matrix,
    troubles,
    uncompared,
    unsupported,
    value,
)
from parity.report.terminal import print_summary
from parity.result import SCHEMA_VERSION, Apart, CellResult, Status, Tensor, TrainingResult

NASTY = "a | b\nc <script>alert(1)</script> `d`"


@pytest.fixture(scope="module")
def real():
    return run(Request(selectors=["relu", "softmax", "sgd", "he_normal"], jobs=1)).report


@pytest.fixture
def made(real):
    """A report with one of everything in it."""

    def cell(i, status, ratio=0.5, **more):
        deviation = side(Deviation(1e-9, 2e-9, 3.0, ratio, 0, 0, 4, "y[0] = 1"))
        measured = {} if status in ("unsupported", "absent", "error") else {
            "actual": deviation, "other": deviation, "rtol": 1e-7
        }  # fmt: skip
        return CellResult(
            case=f"add/{i}",
            op="add",
            regime=("typical", "huge")[i % 2],
            dtype="float32",
            subject="refnet",
            backend="torch",
            status=Status(status),
            **{**measured, **more},
        )

    cells = [
        cell(0, "pass"),
        cell(1, "fail", math.inf, reason=NASTY),
        cell(2, "error", reason="ValueError: no"),
        cell(4, "known", 20.0, deviation="torch-relu-negative-zero", reason="so it is"),
        cell(6, "unsupported", reason="torch has no add"),
        cell(3, "absent", reason="nothing to compare with"),
    ]
    training = TrainingResult(
        case="xor/sources",
        op="xor",
        dtype="float32",
        subject="refnet",
        backend="torch",
        status=Status.FAIL,
        reason="sides part",
        data="four cases",
        steps=3,
        compared=27,
        subject_ratio=0.5,
        backend_ratio="inf",
        backend_apart=Apart(step=2, tensor="m of fc1.w", ratio=20.0),
        worst="fc1.w",
        tensors=[
            Tensor(name=name, step=1, subject_ratio=0.25 * i, backend_ratio=0.5)
            for i, name in enumerate(("loss", "gradient of w", "m of w", "w", "m of b", "v of w"))
        ],
        free_steps=5,
        followed=3,
        horizon=2,
        horizon_reason="the sign of a relu differs",
        growth=1.5,
        distance=1e-8,
        envelope=2e-8,
        losses=[(5, 0.25, "nan")],
        accuracies=[0.5, 0.75],
    )
    return msgspec.structs.replace(
        real, cells=cells, trainings=[training], exit_code=1, verdict="2 cell(s) differ"
    )


def test_the_headline_names_what_fails(made, real):
    assert headline(made) == (
        "fails: add (2 of 6 cells), 1 of 1 training runs, such as xor/sources"
    )
    assert headline(real) == ""
    out = StringIO()
    print_summary(made, Console(file=out, width=80), verbosity=-1)
    assert out.getvalue().startswith("fails: add (2 of 6 cells)")


def test_json_is_strict_and_comes_back(real, made):
    for report in (real, made):
        data = as_json(report)
        assert from_json(data) == report

        def refuse(word):
            raise AssertionError(f"{word} is not JSON")

        parsed = json.loads(data, parse_constant=refuse)
        assert parsed["schema_version"] == SCHEMA_VERSION
        assert data.endswith(b"}\n")
        assert parsed.keys() == {
            "schema_version", "header", "coverage", "exit_code", "verdict", "cells", "trainings",
        }  # fmt: skip


def test_json_of_another_shape_is_refused(real):
    data = as_json(real).replace(b'"status": "pass"', b'"status": "fine"', 1)
    with pytest.raises(msgspec.ValidationError):
        from_json(data)


def test_numbers():
    assert number(0.5) == 0.5
    assert [number(x) for x in (math.inf, -math.inf, math.nan)] == ["inf", "-inf", "nan"]
    assert math.isnan(value("nan"))
    assert value("inf") == math.inf
    shown = {0: "0", 0.12345: "0.123", 12.345: "12.3", 1234.5: "1.2e+03", 4.1e-8: "4.1e-08"}
    assert {x: short(x) for x in shown} == shown
    assert short("inf") == "inf"


def test_the_worst_rows_come_first(made):
    rows = operation_rows(made, "torch")
    assert [r.status.value for r in rows] == ["fail", "error"]
    assert rows[0].subject_ratio == "inf"
    assert rows[0].cases == 2
    assert "fail (1 of 2)" in rows[0].status_words
    assert operation_rows(made, "jax") == []


def test_a_row_per_operation_dtype_and_regime(real):
    rows = operation_rows(real, "torch")
    keys = [(r.op, r.dtype, r.regime) for r in rows]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {(c.op, c.dtype, c.regime) for c in real.cells}
    assert sum(r.cases for r in rows) == len(real.cells)
    worst = dict.fromkeys(keys, 0.0)
    for c in real.cells:
        key = (c.op, c.dtype, c.regime)
        worst[key] = max(worst[key], value(c.actual.ratio))
    assert {(r.op, r.dtype, r.regime): r.subject_ratio for r in rows} == {
        k: short(v) for k, v in worst.items()
    }


def test_markdown_is_whole(made):
    text = as_markdown(made)
    for line in text.splitlines():
        if line.startswith("|"):
            cells = line.replace("\\|", "").count("|")
            assert cells >= 3
    assert "a \\| b c \\<script>" in text  # no markup of somebody else's in the report
    assert "## What differs" in text
    assert "parity repro add/1 --dtype float32 --backend torch --seed 0" in text
    assert "torch has no add" in text
    assert "2 (the sign of a relu differs)" in text
    assert "| 0.5000 | 0.7500 |" in " ".join(text.split())
    assert "torch is first apart at step 2: m of fc1.w, 20 times as far" in text
    assert "## Known differences" in text
    assert "torch-relu-negative-zero" in text


def test_tables_have_as_many_cells_in_every_row(real, made):
    for report in (real, made):
        width = None
        for line in as_markdown(report).splitlines():
            if not line.startswith("|"):
                width = None
                continue
            n = line.replace("\\|", "").count("|")
            assert width in (None, n), line
            width = n


def test_troubles_are_sorted_and_reproducible(made):
    found = troubles(made)
    assert [r.status.value for r, _ in found] == ["fail", "fail"]
    assert all(again.endswith("--seed 0") for _, again in found)


def test_what_could_not_be_compared_is_grouped(made):
    more = [*made.cells, *(msgspec.structs.replace(made.cells[2], case=f"add/x{i}") for i in "ab")]
    report = msgspec.structs.replace(made, cells=more)
    assert [row[:3] for row in uncompared(report)] == [
        ("error", "ValueError: no", "3 cells, such as add/2 (float32)"),
        ("absent", "nothing to compare with", "add/3 (float32)"),
    ]
    text = as_markdown(report)
    assert "## What could not be compared" in text
    assert text.count("ValueError: no") == 1


def test_a_known_difference_shows_what_the_backend_gave(made):
    assert "add/4 (float32): y[0] = 1" in as_markdown(made)


def test_a_run_on_mnist_is_repeated_with_its_path(made):
    mnist = msgspec.structs.replace(made.trainings[0], case="dfn/mnist", op="dfn")
    header = msgspec.structs.replace(made.header, mnist="my data/mnist", selectors=[])
    report = msgspec.structs.replace(made, trainings=[mnist], header=header)
    commands = [again for r, again in troubles(report) if r.case == "dfn/mnist"]
    assert commands == [
        "parity repro dfn/mnist --dtype float32 --backend torch --mnist 'my data/mnist' --seed 0"
    ]
    assert selection(header) == "MNIST"


def test_unsupported_cells_are_summed_up_by_reason(made):
    assert unsupported(made, "torch") == [("torch has no add", "add/6 (float32)")]


def test_training_rows(made):
    (row,) = lockstep_rows(made.trainings)
    assert row == [
        "xor/sources", "float32", "27", "0.5", "inf", "fc1.w",
        "0.5", "0.5", "m 1, v 1.25", "0.75", "fail",
    ]  # fmt: skip
    (row,) = free_rows(made.trainings)
    assert row == [
        "xor/sources", "float32", "5", "0.25 to 0.25", "0.5000", "0.7500",
        "2 (the sign of a relu differs)", "x 1.500", "1.0e-08", "2.0e-08",
    ]  # fmt: skip
    assert free_rows([msgspec.structs.replace(made.trainings[0], free_steps=0, losses=[])]) == []


def test_the_matrix_has_a_row_per_name_and_a_column_per_model(made):
    def run(case, dtype="float32", status="pass", ratio=0.5):
        return msgspec.structs.replace(
            made.trainings[0],
            case=case,
            op=case.partition("/")[0],
            dtype=dtype,
            status=Status(status),
            subject_ratio=0.25,
            backend_ratio=ratio,
        )

    names, rows = training_matrix(
        [
            run("xor/sources"),
            run("dfn/adam", "float64", ratio=1.5),
            run("dfn/adam", "float32"),
            run("mlp/adam", status="fail", ratio="inf"),
            run("mlp/adam", "float64", status="error"),
        ]
    )
    assert names == ["run", "dfn", "mlp", "xor"]
    assert rows == [["adam", "0.5 / 1.5", "fail inf / error", ""], ["sources", "", "", "0.5"]]


def test_junit_has_every_cell(made):
    root = ET.fromstring(as_junit(made))
    cases = root.findall("testsuite/testcase")
    results = [*made.cells, *made.trainings]
    assert len(cases) == len(results) == int(root.get("tests"))
    kinds = {
        "failure": ("fail", "stale"),
        "error": ("error",),
        "skipped": ("unsupported", "absent"),
    }
    for kind, statuses in kinds.items():
        n = sum(r.status.value in statuses for r in results)
        assert len(root.findall(f"testsuite/testcase/{kind}")) == n > 0
        assert int(root.get({"failure": "failures", "error": "errors"}.get(kind, kind))) == n
    (failure,) = [f for f in root.iter("failure") if "alert" in (f.get("message") or "")]
    assert "parity repro add/1 --dtype float32" in failure.text
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases)


def test_junit_says_the_same_twice(real):
    assert as_junit(real) == as_junit(real)
    assert as_junit(real).endswith(b"</testsuites>\n")


def test_step_summary(made, real):
    text = step_summary(made)
    assert "What differs" in text
    assert "<script>" not in text.replace("\\<", "")
    assert len(step_summary(made, 900).encode()) < 900
    assert "Cut here" in step_summary(made, 900)
    assert "What differs" not in step_summary(real)


def test_error_lines_are_one_line_each(made):
    lines = error_lines(made)
    assert 0 < len(lines) <= 10
    for line in lines:
        assert line.startswith("::error title=")
        assert "\n" not in line
    many = msgspec.structs.replace(made, cells=made.cells * 20)
    assert len(error_lines(many)) == 10
