"""Turn results into coverage, an exit code and a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from parity.result import AnyResult, Coverage, Judge, Status

AGREES, DIFFERS, USAGE, INCOMPLETE, NOTHING = 0, 1, 2, 3, 5

COMPARED = frozenset({Status.PASS, Status.KNOWN, Status.FAIL, Status.STALE})


class Verdict(NamedTuple):
    """The gate's exit code, and why in a sentence."""

    exit_code: int
    sentence: str


def coverage(results: Sequence[AnyResult]) -> Coverage:
    """Return how many of the declared cells were compared.

    What subject or backend says that it lacks is not declared; a cell that failed to run is.
    """
    unsupported = sum(r.status is Status.UNSUPPORTED for r in results)
    compared = sum(r.status in COMPARED for r in results)
    return Coverage(compared=compared, declared=len(results) - unsupported, unsupported=unsupported)


def judges(results: Sequence[AnyResult], backends: Sequence[str]) -> list[Judge]:
    """Return what became of the cells of each backend, so that one that judges little is seen."""
    return [_judge(name, [r for r in results if r.backend == name]) for name in backends]


def _judge(name: str, results: Sequence[AnyResult]) -> Judge:
    found = coverage(results)
    counts = Counter(r.status for r in results)
    return Judge(
        name=name,
        cells=len(results),
        declared=found.declared,
        compared=found.compared,
        unsupported=found.unsupported,
        absent=counts[Status.ABSENT],
        error=counts[Status.ERROR],
    )


def gate(results: Sequence[AnyResult]) -> Verdict:
    """Return the verdict: nothing compared is no success, nor is a backend that did not run."""
    counts = Counter(r.status for r in results)
    differing = counts[Status.FAIL] + counts[Status.STALE]
    if differing:
        ops = sorted({r.op for r in results if r.status in (Status.FAIL, Status.STALE)})
        return Verdict(DIFFERS, f"{differing} cell(s) differ, in {', '.join(ops)}")
    if not any(r.status in COMPARED for r in results):
        if counts[Status.ERROR]:
            return Verdict(INCOMPLETE, "nothing was compared: every cell that ran raised an error")
        return Verdict(NOTHING, "nothing was compared")
    if counts[Status.ERROR]:
        return Verdict(INCOMPLETE, f"{counts[Status.ERROR]} cell(s) could not be compared")
    missing = {r.backend for r in results} - {r.backend for r in results if r.status in COMPARED}
    if missing:
        return Verdict(INCOMPLETE, f"nothing was compared with {', '.join(sorted(missing))}")
    known = f", {counts[Status.KNOWN]} of them as the register says" if counts[Status.KNOWN] else ""
    n = sum(counts[s] for s in COMPARED)
    return Verdict(AGREES, f"{n:,} cell{'s agree' if n != 1 else ' agrees'}{known}")
