"""Reports with several judges: what each judged, and who stands alone."""

from __future__ import annotations

import io
from dataclasses import replace

import msgspec
import pytest
from rich.console import Console

from parity import Request, backends, run
from parity.errors import UnsupportedError
from parity.report.as_json import as_json, from_json
from parity.report.as_markdown import as_markdown
from parity.report.judges import judge_rows, known_by_side, outlier_rows, parting
from parity.report.terminal import print_summary
from parity.result import Between, Outlier, Status
from parity.trajectory import run_training

PART = Between(sides=("tensorflow", "jax"), alike=False, ratio="inf", words="y[0] = 1")
AGREE = Between(sides=("tensorflow", "jax"), alike=True, ratio=0.25, words="y[0] = 1")
UNMEASURED = Between(sides=("tensorflow", "jax"), alike=False, ratio=None, words="samples")


def outlier(case="add/typical", who="jax", status="fail", ratio=3.0, dtype="float32", **more):
    groups = [["refnet", "torch", "tensorflow"], ["jax"]] if who else [["refnet", "torch"], ["a"]]
    return Outlier(
        case=case,
        op=case.partition("/")[0],
        dtype=dtype,
        outlier=who,
        status=Status(status),
        ratio=ratio,
        worst="jax: y[0] = 1 | expected 2",
        **{"groups": groups, "deviations": [], "between": [], **more},
    )


def shown(report):
    """What a file or a pipe gets of the summary."""
    out = io.StringIO()
    print_summary(report, Console(file=out, width=80))
    return out.getvalue()


@pytest.fixture(scope="module")
def several():
    """torch, PyTorch without one operation and one optimizer, and a judge that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(backends.BUILT_IN, "lacking", f"{__name__}:Lacking")
        patch.setitem(backends.BUILT_IN, "gone", "no_such_module_here:Adapter")
        asked = Request(
            ["tanh", "softsign/typical", "xor/sources", "dfn/nadam", "mlp/nadam"],
            ["float32"],
            ["torch", "lacking", "gone"],
            jobs=1,
        )
        patch.setattr("parity.runner.run_training", shortened)
        return run(asked).report


def shortened(case, *args):
    return run_training(replace(case, steps=1, free_steps=1), *args)


def test_every_judge_has_a_row(several):
    cells = (len(several.cells) + len(several.trainings)) // 3
    torch, lacking, gone = several.judges
    assert (torch.name, torch.cells, torch.declared, torch.compared) == ("torch", *[cells] * 3)
    assert lacking.unsupported == 3
    assert lacking.compared == lacking.declared == cells - 3
    assert (gone.declared, gone.compared, gone.absent) == (cells, 0, cells)
    rows = judge_rows(several)
    assert [row[-1] for row in rows] == ["100.0%", f"{1 - 3 / cells:.1%}", "0.0%"]


def test_an_absent_judge_is_a_row_with_its_reason_and_no_success(several):
    assert several.exit_code == 3
    assert "gone" in several.verdict
    assert several.coverage.declared - several.coverage.compared == several.judges[2].cells
    text = as_markdown(several)
    assert text.count("gone cannot be imported") == 2  # as its version, and why
    assert "refnet and gone" not in text


def test_the_terminal_says_once_what_is_lacking(several):
    text = shown(several)
    assert text.count("lacking has no softsign") == 1
    assert text.count("unsupported: lacking: 2 cells, such as dfn/nadam (float32)") == 1
    assert text.count("gone cannot be imported") == 1
    assert "refnet and gone" not in text
    assert "training runs in lockstep with torch, the worst 3 of 3" in text
    assert "training runs in lockstep with lacking, the worst 1 of 1" in text


def test_training_runs_are_told_by_their_judge_and_explained_once(several):
    text = as_markdown(several)
    assert text.count("## Training runs: refnet and ") == 2
    assert text.count("In lockstep, which decides,") == 1
    assert "## Unsupported: refnet and lacking" in text


def test_json_has_what_several_judges_add_and_comes_back(several):
    assert from_json(as_json(several)) == several
    assert b'"judges"' in as_json(several)
    whole = msgspec.structs.replace(several, outliers=[outlier(between=[PART])])
    assert from_json(as_json(whole)) == whole


def test_a_report_of_one_judge_is_what_it_was():
    report = run(Request(["tanh/typical"], ["float32"], jobs=1)).report
    assert b'"judges"' not in as_json(report)
    assert b'"outliers"' not in as_json(report)
    for text in (as_markdown(report), shown(report)):
        assert "the judges" not in text.lower()
        assert "stands alone" not in text


@pytest.mark.parametrize(
    ("groups", "who", "words"),
    [
        (
            [["refnet", "torch", "tensorflow"], ["jax"]],
            "jax",
            "jax parts from refnet, torch and tensorflow",
        ),
        ([["refnet"], ["torch", "jax"]], "refnet", "refnet parts from torch and jax"),
        (
            [["refnet", "torch"], ["tensorflow"], ["jax"]],
            "",
            "no single outlier: refnet and torch; tensorflow; jax",
        ),
    ],
)
def test_in_words(groups, who, words):
    assert parting(outlier(who=who, groups=groups)) == words


def test_outliers_are_a_row_per_operation_what_fails_first():
    known = {"status": "known", "deviations": ["jax-adds"]}
    rows = outlier_rows(
        [
            outlier("add/huge", **known),
            outlier("add/a", ratio=2.0, dtype="float64"),
            outlier("add/b", ratio="inf"),
            outlier("max/a", who="", between=[PART, UNMEASURED]),
            outlier("min/a", who="", between=[AGREE]),
            outlier("var/a", who="", between=[UNMEASURED]),
            outlier("sum/a", deviations=["jax-sums"]),
        ]
    )
    assert [(row[1], row[2], row[3], row[4], row[6]) for row in rows] == [
        ("add", "float32, float64", "2", "inf", "fail"),
        ("sum", "float32", "1", "3", "fail; known: jax-sums"),
        ("max", "float32", "1", "3", "fail"),
        ("min", "float32", "1", "3", "fail"),
        ("var", "float32", "1", "3", "fail"),
        ("add", "float32", "1", "3", "known: jax-adds"),
    ]
    assert rows[0][-1] == "add/b (float32): jax: y[0] = 1 | expected 2"
    assert [row[5] for row in rows[2:5]] == [
        "tensorflow and jax part (inf)",
        "tensorflow and jax agree (0.25)",
        "tensorflow and jax not measured (samples)",
    ]


def test_outliers_in_the_markdown_and_on_the_terminal(several):
    differing = [outlier(f"op{i}/a") for i in range(12)]
    known = [outlier(f"add/{i}", status="known", deviations=["jax-adds"]) for i in "abc"]
    report = msgspec.structs.replace(several, outliers=[*known, *differing])
    text = as_markdown(report)
    assert "## Who stands alone" in text
    assert "jax: y[0] = 1 \\| expected 2" in text
    printed = shown(report)
    assert "jax parts from refnet, torch and tensorflow: op0 in float32, 1 cell\n" in printed
    assert "and 2 more, in the report" in printed
    assert "outliers that the register knows, in cells: jax 3" in printed
    assert known_by_side([*known, outlier(who="", status="known")]) == [
        ("jax", 3),
        ("no single side", 1),
    ]


class Lacking(backends.adapter("torch").__class__):
    """PyTorch without softsign and without Nadam."""

    name = "lacking"

    def __init__(self):
        super().__init__()
        self._operations.pop("softsign")

    def trainers(self):
        def without_nadam(make):
            def made(model, optimizer, options):
                if optimizer == "nadam":
                    raise UnsupportedError("lacking has no optimizer nadam")
                return make(model, optimizer, options)

            return made

        return {name: without_nadam(make) for name, make in super().trainers().items()}
