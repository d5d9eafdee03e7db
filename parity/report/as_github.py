"""What GitHub Actions shows: the step summary, and annotations for the worst cells."""

from __future__ import annotations

from parity.report.rows import headers, judged, operation_rows, troubles, uncompared
from parity.report.tables import in_one_line, markdown_table
from parity.result import Report

ANNOTATED = 10
LIMIT = 1024 * 1024  # bytes that GitHub takes for the summary of a step
ROWS = 40  # of each table, where the limit allows as many
CUT = "\n\n*Cut here: a step's summary has a limit. The whole report is parity.md.*\n"


def step_summary(report: Report, limit: int = LIMIT) -> str:
    """Return the report as Markdown of less than ``limit`` bytes: what differs first."""
    h, c = report.header, report.coverage
    parts = [
        f"## Parity of {h.subject} with {', '.join(h.backends)}",
        f"**{report.verdict[0].upper()}{report.verdict[1:]}.** {c.compared:,} of {c.declared:,} "
        f"declared cells compared; exit code {report.exit_code}.",
    ]
    found = troubles(report)
    if found:
        rows = [
            [r.case, r.dtype, r.backend, r.status.value, r.reason, f"`{again}`"]
            for r, again in found[:ROWS]
        ]
        names = ["case", "dtype", "backend", "status", "what differs", "again"]
        parts += [f"### What differs ({len(found)})", markdown_table(rows, names)]
    missed = uncompared(report)
    if missed:
        names = ["status", "reason", "cells", "again"]
        parts += ["### What could not be compared", markdown_table(missed[:ROWS], names)]
    for backend in h.backends:
        worst = operation_rows(report, backend)[:ROWS] if judged(report, backend) else []
        if worst:
            table = markdown_table([w.cells() for w in worst], headers(h.subject, backend))
            title = f"The worst {len(worst)} rows: {h.subject} and {backend}"
            parts.append(f"<details><summary>{title}</summary>\n\n{table}\n\n</details>")
    return _cut("\n\n".join(parts) + "\n", limit)


def error_lines(report: Report) -> list[str]:
    """Return GitHub's ``::error`` lines for the worst cells that differ, at most ten."""
    return [
        f"::error title={_property(f'{r.case} in {r.dtype}')}::"
        f"{_data(f'{r.op}: {in_one_line(r.reason)} Again: {again}')}"
        for r, again in troubles(report)[:ANNOTATED]
    ]


def _cut(text: str, limit: int) -> str:
    data = text.encode()
    if len(data) < limit:
        return text
    room = limit - len(CUT.encode()) - 1
    kept = data[:room].decode(errors="ignore")
    return kept.rpartition("\n")[0] + CUT


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
