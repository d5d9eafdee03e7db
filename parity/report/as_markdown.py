"""The Markdown report, which needs no source beside it to be understood."""

from __future__ import annotations

from parity.case import REGIMES
from parity.report.judges import JUDGE_HEADERS, OUTLIER_HEADERS, judge_rows, outlier_rows
from parity.report.rows import (
    KNOWN_HEADERS,
    accumulation,
    circumstances,
    free_headers,
    free_rows,
    headers,
    judged,
    known_rows,
    lockstep_headers,
    lockstep_rows,
    operation_rows,
    short,
    training_matrix,
    troubles,
    uncompared,
    unsupported,
    value,
)
from parity.report.tables import in_one_line, markdown_table
from parity.report.words import COLUMNS, JUDGES, KNOWN, OUTLIERS, READING, TRAINING_WORDS
from parity.result import AnyResult, Report, Status, TrainingResult


def as_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown."""
    h = report.header
    parts = [
        f"# Parity of {h.subject} with {', '.join(h.backends)}",
        f"**{report.verdict[0].upper()}{report.verdict[1:]}.** Exit code {report.exit_code}.",
        markdown_table(circumstances(report), ["", ""]),
        *_judges(report),
    ]
    found = troubles(report)
    if found:
        parts += ["## What differs", *(_trouble(result, again) for result, again in found)]
    missed = uncompared(report)
    if missed:
        names = ["status", "reason", "cells", "again"]
        parts += ["## What could not be compared", markdown_table(missed, names)]
    parts += _outliers(report)
    columns = markdown_table(COLUMNS, ["column", "meaning"])
    parts += ["## How to read the tables", READING.strip(), columns]
    # An absent judge has no numbers; what could not be compared says why.
    there = [backend for backend in h.backends if judged(report, backend)]
    for backend in there:
        rows = operation_rows(report, backend)
        if rows:
            parts += [
                f"## Operations, initializers and optimizers: {h.subject} and {backend}",
                *accumulation(report, backend),
                markdown_table([row.cells() for row in rows], headers(h.subject, backend)),
            ]
    if report.cells:
        regimes = sorted({c.regime for c in report.cells}, key=list(REGIMES).index)
        parts += [
            "### Regimes",
            markdown_table([[r, REGIMES[r]] for r in regimes], ["regime", "inputs"]),
        ]
    for backend in there:
        parts += _trainings(report, backend, explained=TRAINING_WORDS in parts)
    for backend in h.backends:
        lacking = unsupported(report, backend)
        if lacking:
            table = markdown_table(lacking, ["reason", "cells"])
            parts += [f"## Unsupported: {h.subject} and {backend}", table]
    parts += _known(report)
    return "\n\n".join(parts) + "\n"


def _trouble(r: AnyResult, again: str) -> str:
    title = f"{r.status.value}: {r.case} in {r.dtype}, {r.subject} and {r.backend}"
    return f"**{title}.** {in_one_line(r.reason)}\n\n    {again}"


def _judges(report: Report) -> list[str]:
    if not report.judges:
        return []
    return ["## The judges", JUDGES.strip(), markdown_table(judge_rows(report), JUDGE_HEADERS)]


def _outliers(report: Report) -> list[str]:
    if not report.outliers:
        return []
    rows = outlier_rows(report.outliers)
    return ["## Who stands alone", OUTLIERS.strip(), markdown_table(rows, OUTLIER_HEADERS)]


def _trainings(report: Report, backend: str, *, explained: bool) -> list[str]:
    every = [t for t in report.trainings if t.backend == backend]
    runs = [t for t in every if t.status is not Status.UNSUPPORTED]
    if not runs:
        return []
    subject = report.header.subject
    names, rows = training_matrix(runs)
    dtypes = " / ".join(sorted({t.dtype for t in runs}))
    parts = [
        f"## Training runs: {subject} and {backend}",
        *([] if explained else [TRAINING_WORDS]),
        f"### Worst ratio in lockstep, by model\n\nEach in {dtypes}.",
        markdown_table(rows, names),
        "### In lockstep",
        markdown_table(lockstep_rows(runs), lockstep_headers(subject, backend)),
    ]
    free = free_rows(runs)
    if free:
        data = sorted({(t.op, t.data) for t in runs if t.data})
        parts += ["### Running free", markdown_table(free, free_headers(backend))]
        parts += ["### Data", markdown_table([[op, note] for op, note in data], ["model", "data"])]
    for t in sorted(runs, key=lambda t: (t.case, t.dtype)):
        if t.status is Status.FAIL or t.free_steps > t.steps:
            parts += [f"### {t.case}, {t.dtype}", *_training(t)]
    return parts


def _training(t: TrainingResult) -> list[str]:
    parts = []
    apart = [(t.subject, t.subject_apart), (t.backend, t.backend_apart)]
    parts += [
        f"{name} is first apart at step {first.step}: {first.tensor}, {short(first.ratio)} times "
        "as far from the oracle as rounding explains."
        for name, first in apart
        if first is not None
    ]
    if t.losses:
        losses = [[str(n), f"{value(a):.6f}", f"{value(b):.6f}"] for n, a, b in t.losses]
        names = ["updates", f"mean loss, {t.subject}", f"mean loss, {t.backend}"]
        parts.append(markdown_table(losses, names))
    tensors = [
        [x.name, str(x.step), short(x.subject_ratio), short(x.backend_ratio)] for x in t.tensors
    ]
    if tensors:
        names = ["tensor, in lockstep", "worst step", t.subject, t.backend]
        parts.append(markdown_table(tensors, names))
    return parts


def _known(report: Report) -> list[str]:
    rows = known_rows(report)
    if not rows:
        return []
    return ["## Known differences", KNOWN, markdown_table(rows, KNOWN_HEADERS)]
