from __future__ import annotations

import pytest

from parity.gate import coverage, gate, judges
from parity.result import CellResult, Status


def cells(*statuses, backend="torch"):
    return [
        CellResult(
            case=f"add/{i}",
            op="add",
            regime="typical",
            dtype="float32",
            subject="refnet",
            backend=backend,
            status=Status(s),
        )
        for i, s in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("statuses", "code", "words"),
    [
        (["pass", "pass"], 0, "2 cells agree"),
        (["pass", "known"], 0, "2 cells agree, 1 of them as the register says"),
        (["pass", "unsupported"], 0, "1 cell agrees"),
        (["pass", "fail"], 1, "1 cell(s) differ, in add"),
        (["pass", "stale"], 1, "differ"),
        (["fail", "error"], 1, "differ"),
        (["pass", "error"], 3, "could not be compared"),
        (["error", "error"], 3, "every cell that ran raised an error"),
        (["unsupported"], 5, "nothing was compared"),
        (["absent", "unsupported"], 5, "nothing was compared"),
        ([], 5, "nothing was compared"),
    ],
)
def test_exit_codes(statuses, code, words):
    verdict = gate(cells(*statuses))
    assert verdict.exit_code == code
    assert words in verdict.sentence


def test_a_backend_that_never_ran_is_no_success():
    verdict = gate([*cells("pass"), *cells("absent", backend="jax")])
    assert verdict.exit_code == 3
    assert "jax" in verdict.sentence


def test_absent_cells_beside_compared_ones_do_not_fail():
    # Where longdouble is no wider than float64, those cells have no oracle.
    assert gate(cells("pass", "absent")).exit_code == 0


def test_coverage_counts_what_is_declared():
    c = coverage(cells("pass", "known", "fail", "stale", "error", "absent", "unsupported"))
    assert (c.compared, c.declared, c.unsupported) == (4, 6, 1)


def test_judges_are_counted_one_by_one():
    results = [
        *cells("pass", "known", "unsupported"),
        *cells("fail", "error", "absent", "stale", "unsupported", "unsupported", backend="jax"),
    ]
    torch, jax, gone = judges(results, ["torch", "jax", "gone"])
    assert (torch.cells, torch.declared, torch.compared, torch.unsupported) == (3, 2, 2, 1)
    assert (jax.cells, jax.declared, jax.compared, jax.unsupported) == (6, 4, 2, 2)
    assert (torch.absent, torch.error, jax.absent, jax.error) == (0, 0, 1, 1)
    assert (gone.name, gone.cells) == ("gone", 0)


def test_a_judge_that_lacks_everything_is_no_success():
    verdict = gate([*cells("pass"), *cells("unsupported", backend="jax")])
    assert verdict.exit_code == 3
    assert "nothing was compared with jax" in verdict.sentence
