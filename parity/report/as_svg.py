"""The picture of a report: every cell's error against its bound, on a logarithmic axis."""

from __future__ import annotations

from parity.report.shares import shares, sides
from parity.report.svg import Strip, alone, strips
from parity.result import AnyResult, Report


def as_svg(report: Report) -> bytes:
    """Return a line of dots for each operation and side: the share of its bound that a cell used.

    Of a training run it is the share of the limit in lockstep.
    """
    names = sides(report)
    groups: dict[str, list[AnyResult]] = {}
    for cell in report.cells:
        groups.setdefault(cell.op, []).append(cell)
    for run in report.trainings:
        groups.setdefault(f"training {run.op}", []).append(run)
    found = [Strip(name, shares(results, names)) for name, results in groups.items()]
    label = f"Errors of {', '.join(names)} as shares of their bounds. {report.verdict}"
    left = 20 + 7 * max((len(strip.label) for strip in found), default=0)
    return alone(strips(found, names, label, left=left, width=left + 480))
