"""The summary on the terminal: coloured tables there, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from tabulate import tabulate

from parity.report.judges import (
    JUDGE_HEADERS,
    judge_rows,
    known_by_side,
    outlier_rows,
)
from parity.report.rows import (
    headers,
    headline,
    judged,
    lockstep_headers,
    lockstep_rows,
    operation_rows,
    troubles,
    uncompared,
    unsupported,
)
from parity.result import AnyResult, Report, Status

WORST = 12  # rows shown of the table of operations
TROUBLES = 10
LACKING = 5  # reasons of each judge
WIDE = 150  # columns of a terminal that takes the whole table
NARROW = (0, 1, 2, 7, 8, 10)  # operation, dtype, regime, bounds used, status
LOCKSTEP = (0, 1, 2, 3, 4, 5, 10)  # run, dtype, compared, worst ratios and tensor, status
COLOURS = {
    Status.PASS: "green",
    Status.KNOWN: "cyan",
    Status.FAIL: "bold red",
    Status.STALE: "bold red",
    Status.ERROR: "bold red",
    Status.ABSENT: "yellow",
    Status.UNSUPPORTED: "dim",
}


def print_summary(report: Report, console: Console, verbosity: int = 0) -> None:
    """Print what fails in a line, the worst rows, training runs, what differs, the verdict last.

    A ``verbosity`` of -1 leaves out all between; 1 prints every row, 2 every cell as well.
    """
    first = headline(report)
    if first:
        style = "bold red" if console.is_terminal else None
        console.print(first, style=style, markup=False, highlight=False, soft_wrap=True)
    if verbosity >= 0:
        _print_tables(report, console, every=verbosity > 0)
    if verbosity > 1:
        every: list[AnyResult] = [*report.cells, *report.trainings]
        for r in every:
            words = f"{r.status.value}: {r.case} in {r.dtype} with {r.backend}"
            words += f": {r.reason}" if r.reason else ""
            console.print(words, markup=False, highlight=False, soft_wrap=True)
    c = report.coverage
    style = "bold green" if report.exit_code == 0 else "bold red"
    lacking = f", {c.unsupported:,} unsupported" if c.unsupported else ""
    console.print(
        Text(
            f"{report.verdict}; {c.compared:,} of {c.declared:,} declared cells compared{lacking}",
            style=style if console.is_terminal else "",
        ),
        soft_wrap=True,
    )


def _print_tables(report: Report, console: Console, *, every: bool) -> None:
    h = report.header
    for backend in h.backends:
        if not judged(report, backend):
            continue
        rows = operation_rows(report, backend)
        bad = sum(r.status not in (Status.PASS, Status.KNOWN, Status.UNSUPPORTED) for r in rows)
        shown = rows if every else rows[: max(WORST, bad)]
        if shown:
            title = f"{h.subject} and {backend}, the worst {len(shown)} of {len(rows)} rows"
            names = headers(h.subject, backend)
            whole = not console.is_terminal or console.width >= WIDE
            keep = range(len(names)) if whole else NARROW
            _print_table(console, title, names, [r.cells() for r in shown], keep)
        runs = lockstep_rows(t for t in report.trainings if t.backend == backend)
        if runs:
            failed = sum(row[-1] != Status.PASS.value for row in runs)
            worst = runs if every else runs[: max(WORST, failed)]
            who = f" with {backend}" if report.judges else ""
            title = f"training runs in lockstep{who}, the worst {len(worst)} of {len(runs)}"
            names = lockstep_headers(h.subject, backend)
            _print_table(console, title, names, worst, LOCKSTEP)
    _print_judges(report, console)
    found = troubles(report)
    for result, again in found[:TROUBLES]:
        console.print(
            f"{result.status.value}: {result.case} in {result.dtype}: {result.reason}",
            style=COLOURS[result.status] if console.is_terminal else None,
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        console.print(f"  {again}", markup=False, highlight=False, soft_wrap=True)
    if len(found) > TROUBLES:
        console.print(f"and {len(found) - TROUBLES} more, in the report", highlight=False)
    for status, reason, cells, _ in uncompared(report)[:TROUBLES]:
        console.print(f"{status}: {cells}: {reason}", markup=False, highlight=False, soft_wrap=True)


def _print_judges(report: Report, console: Console) -> None:
    """Print what each of several judges judged, what it lacks, and who stands alone where."""
    if not report.judges:
        return

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    rows = judge_rows(report)
    _print_table(console, "the judges", JUDGE_HEADERS, rows, range(len(JUDGE_HEADERS)))
    for backend in report.header.backends:
        lacking = unsupported(report, backend)
        for reason, cells in lacking[:LACKING]:
            line(f"unsupported: {backend}: {cells}: {reason}")
        if len(lacking) > LACKING:
            line(f"and {len(lacking) - LACKING} more of {backend}'s reasons, in the report")
    differing = [o for o in report.outliers if o.status is Status.FAIL]
    rows = outlier_rows(differing)
    for who, op, dtypes, cells, *_ in rows[:TROUBLES]:
        line(f"{who}: {op} in {dtypes}, {cells} cell{'s' if cells != '1' else ''}")
    if len(rows) > TROUBLES:
        line(f"and {len(rows) - TROUBLES} more, in the report")
    known = known_by_side(report.outliers)
    if known:
        counts = ", ".join(f"{who} {n:,}" for who, n in known)
        line(f"outliers that the register knows, in cells: {counts}")


def _print_table(
    console: Console,
    title: str,
    every_name: Sequence[str],
    every_row: Sequence[Sequence[str]],
    keep: Sequence[int],
) -> None:
    """Print the columns ``keep`` of a table."""
    names, *rows = ([row[i] for i in keep] for row in (every_name, *every_row))
    if not console.is_terminal:
        console.print(f"{title}\n", markup=False, highlight=False)
        text = tabulate(rows, headers=names, tablefmt="simple", disable_numparse=True)
        console.print(f"{text}\n", markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        status = next((s for s in Status if row[-1].startswith(s.value)), None)
        colour = COLOURS.get(status, "") if status else ""
        table.add_row(*row[:-1], Text(row[-1], style=colour))
    console.print(table)
