"""What share of its bound, or of the lockstep limit, each side used: numbers for pictures."""

from __future__ import annotations

from collections.abc import Sequence

from parity.report.rows import value
from parity.result import AnyResult, CellResult, Number, Report
from parity.trajectory.lockstep import LIMIT


def sides(report: Report) -> list[str]:
    """Return the names of the sides: the subject, then the backends that are there."""
    every: list[AnyResult] = [*report.cells, *report.trainings]
    there = {r.backend for r in every if share(r, other=True) is not None}
    return [report.header.subject, *(b for b in report.header.backends if b in there)]


def shares(results: Sequence[AnyResult], names: Sequence[str]) -> list[list[float]]:
    """Return the shares of each of the sides :func:`sides` in some results."""
    # Beside several backends the subject's numbers are the same each time.
    subject = {(r.case, r.dtype): share(r, other=False) for r in results}
    found = [[float(s) for s in subject.values() if s is not None]]
    for backend in names[1:]:
        own = (share(r, other=True) for r in results if r.backend == backend)
        found.append([float(s) for s in own if s is not None])
    return found


def share(r: AnyResult, *, other: bool) -> Number | None:
    """Return what a result's subject, or its backend, used of its limit; None if not compared."""
    if isinstance(r, CellResult):
        side = r.other if other else r.actual
        return None if side is None else side.ratio
    if not r.compared:
        return None
    return value(r.backend_ratio if other else r.subject_ratio) / LIMIT


def worst(r: AnyResult) -> float:
    """Return the larger share of both sides; 0 where nothing was compared."""
    return max(
        (value(s) for s in (share(r, other=o) for o in (False, True)) if s is not None), default=0.0
    )
