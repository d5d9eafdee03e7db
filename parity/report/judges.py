"""Rows about several judges: what became of each one's cells, and who stands alone where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from parity.case import DTYPES
from parity.report.rows import SEVERITY, short, value
from parity.result import Between, Outlier, Report, Status

JUDGE_HEADERS = [
    "judge",
    "cells",
    "declared",
    "compared",
    "unsupported",
    "absent",
    "error",
    "compared of all cells",
]

OUTLIER_HEADERS = [
    "who parts",
    "operation",
    "dtypes",
    "cells",
    "bound used",
    "those outside, beside one another",
    "status",
    "for example",
]


def judge_rows(report: Report) -> list[list[str]]:
    """Return a row per judge, in the order asked for."""
    return [
        [
            j.name,
            *(
                f"{n:,}"
                for n in (j.cells, j.declared, j.compared, j.unsupported, j.absent, j.error)
            ),
            f"{j.compared / j.cells:.1%}" if j.cells else "none",
        ]
        for j in report.judges
    ]


def outlier_rows(outliers: Sequence[Outlier]) -> list[list[str]]:
    """Return a row per operation in which the same sides part from the same, what fails first."""
    found: dict[tuple[str, ...], list[Outlier]] = {}
    for o in outliers:
        found.setdefault((parting(o), o.op, o.status.value, *o.deviations), []).append(o)
    groups = sorted(found.values(), key=lambda g: (SEVERITY[g[0].status], not g[0].outlier))
    return [_row(group) for group in groups]


def known_by_side(outliers: Sequence[Outlier]) -> list[tuple[str, int]]:
    """Return of how many cells each side is an outlier for reasons that the register holds."""
    known = [o for o in outliers if o.status is Status.KNOWN]
    return sorted(Counter(o.outlier or "no single side" for o in known).items())


def parting(o: Outlier) -> str:
    """Return in words which side parts from which."""
    if not o.outlier:
        return f"no single outlier: {'; '.join(_and(group) for group in o.groups)}"
    others = [name for group in o.groups for name in group if name != o.outlier]
    return f"{o.outlier} parts from {_and(others)}"


def _row(group: Sequence[Outlier]) -> list[str]:
    worst = max(group, key=lambda o: value(o.ratio))
    dtypes = sorted({o.dtype for o in group}, key=DTYPES.index)
    status = worst.status.value
    if worst.deviations:
        known = f"known: {', '.join(worst.deviations)}"
        status = known if worst.status is Status.KNOWN else f"{status}; {known}"
    return [
        parting(worst),
        worst.op,
        ", ".join(dtypes),
        str(len(group)),
        short(worst.ratio),
        "; ".join(_beside(group)),
        status,
        f"{worst.case} ({worst.dtype}): {worst.worst}",
    ]


def _beside(group: Sequence[Outlier]) -> list[str]:
    """Return each pair of sides outside their bounds: how far they are from one another."""
    found: dict[tuple[str, str], list[Between]] = {}
    for o in group:
        for pair in o.between:
            found.setdefault(pair.sides, []).append(pair)
    return [f"{_and(sides)} {_distance(pairs)}" for sides, pairs in found.items()]


def _distance(pairs: Sequence[Between]) -> str:
    ratios = [value(p.ratio) for p in pairs if p.ratio is not None]
    if not ratios:
        return f"not measured ({pairs[0].words})"
    return f"{'agree' if all(p.alike for p in pairs) else 'part'} ({short(max(ratios))})"


def _and(names: Sequence[str]) -> str:
    """Return names in words: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
