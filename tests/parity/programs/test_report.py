"""The table has a row for each program, whatever became of it."""

from __future__ import annotations

from parity.programs.judging import ProgramResult, Worst
from parity.programs.report import page, table
from parity.result import Status

GOOD = ProgramResult(
    program="adder --updates 9",
    backend="tensorflow",
    status=Status.PASS,
    dtype="float32",
    steps=9,
    compared=1234,
    subject_worst=Worst(step=3, tensor="gradient/w", ratio=0.912),
    backend_worst=Worst(step=7, tensor="slot/m/w", ratio=2.345),
    free_steps=1000,
    distance=1.23e-7,
    accuracies=["0.91", "0.92"],
    printed=(3, 4),
)
BAD = ProgramResult(
    program="cnn", backend="tensorflow", status=Status.ERROR, reason="KeyError: a | b"
)


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_rows():
    head, _, good, bad = table([GOOD, BAD]).splitlines()
    assert len({len(cells(line)) for line in (head, good, bad)}) == 1
    row = dict(zip(cells(head), cells(good), strict=True))
    assert row == {
        "program": "adder --updates 9",
        "steps": "9",
        "tensors compared": "1,234",
        "refnet": "0.912 (gradient/w, step 3)",
        "tensorflow": "2.35 (slot/m/w, step 7)",
        "verdict": "pass",
        "steps by itself": "1,000",
        "distance at the end": "1.2e-07",
        "parts at": "nowhere",
        "accuracy, refnet": "0.91",
        "accuracy, tensorflow": "0.92",
        "lines printed alike": "3 of 4",
    }
    assert cells(bad)[5] == "error"


def test_the_page_counts_what_agrees():
    text = page([GOOD, BAD], {"refnet": "1", "tensorflow": "2"}, "the command")
    assert "1 of 2 programs compute the same" in text
    assert "\ncnn: KeyError: a \\| b.\n" in text
    assert text.endswith("Written by `the command` with refnet 1, tensorflow 2.\n")
