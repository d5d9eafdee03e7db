"""The regression report: what became better or worse, as Markdown and JSON."""

from __future__ import annotations

import msgspec

from parity.baseline import Kept
from parity.regression import Change, Regression, Row
from parity.report.rows import short
from parity.report.tables import markdown_table

HEADERS = ("change", "case", "dtype", "sides", "version", "before", "after", "times")


def regression_json(regression: Regression) -> bytes:
    """Return the comparison as indented JSON that ends in a newline."""
    return msgspec.json.format(msgspec.json.encode(regression), indent=1) + b"\n"


def regression_markdown(regression: Regression, old: str, new: str) -> str:
    """Return the comparison of two runs, by their names, the cells that changed first."""
    rows = [regression_cells(row) for row in regression.rows]
    table = markdown_table(rows, HEADERS) if rows else "Nothing changed."
    return f"""\
# Regression report

{new} beside {old}: **{counted(regression)}**.

A cell has *regressed* where its status is worse, or where it uses {regression.factor:g} times the
share of its bound that it used before, and {regression.least:g} of the bound more; it has
*improved* where that is so the other way round. It is *not comparable* where its case has changed
since, where a side rounds to a half type between kernels on one of the two CPUs alone, or where
this machine has no oracle for it. Before and after are the status, and the shares of the bound, or
of the lockstep limit, that both sides use.

{table}
"""


def regression_cells(row: Row) -> list[str]:
    """Return a row's texts, in the order of :data:`HEADERS`."""
    case, dtype, subject, backend, *version = row.cell.split(" ")
    change = row.change.value
    if row.worse and row.change is Change.REGRESSED:
        change = "regressed: status"
    return [
        change,
        case,
        dtype,
        f"{subject}, {backend}",
        " ".join(version),
        _words(row.before),
        _words(row.after),
        "" if row.factor is None else short(row.factor),
    ]


def counted(regression: Regression) -> str:
    """Return the counts in words, what changed first."""
    found = [f"{n:,} {change}" for change, n in regression.counts.items() if n]
    return ", ".join(found) or "no cells"


def _words(kept: Kept | None) -> str:
    if kept is None:
        return ""
    return f"{kept.status.value} ({short(kept.subject)}, {short(kept.backend)})"
