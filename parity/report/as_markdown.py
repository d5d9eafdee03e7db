"""The Markdown report, which needs no source beside it to be understood."""

from __future__ import annotations

from collections import Counter

from parity import deviations
from parity.case import REGIMES
from parity.report.judges import JUDGE_HEADERS, OUTLIER_HEADERS, judge_rows, outlier_rows
from parity.report.rows import (
    accumulation,
    free_headers,
    free_rows,
    headers,
    judged,
    lockstep_headers,
    lockstep_rows,
    operation_rows,
    selection,
    short,
    training_matrix,
    troubles,
    uncompared,
    unsupported,
    value,
)
from parity.report.tables import in_one_line, markdown_table
from parity.result import AnyResult, Report, Status, TrainingResult
from parity.trajectory.free_running import POINTS
from parity.trajectory.lockstep import LIMIT, TWINS

READING = """\
Each cell evaluates one case three times: by the subject and by the backend in the dtype shown, and
by the oracle, which is refnet in higher precision (float64, or longdouble for float64). Subject and
backend are both judged by the oracle, element by element, forward and for three random cotangents,
and may differ from it by no more than a bound derived from the arithmetic of the operation
(parity/bounds/, each with its source). In the half types that arithmetic accumulates in float32; an
implementation that is composed of several kernels may round to the half type between them, and
those that do are named. (PyTorch's recurrent kernels in the half types round at every step and are
not compared: its adapter computes those operations, and batch norm with running statistics, in
float32.) A *cotangent* is what a gradient is multiplied by: each input's gradient is
compared through its vector-Jacobian product (VJP).
"""

COLUMNS = (
    (
        "max abs, max rel, max ULP",
        "the subject's largest error against the oracle: absolute, relative, and in units in the "
        "last place",
    ),
    (
        "bound used",
        "the largest error as a share of its bound: up to 1 is rounding; above 1, or inf, is "
        "another function",
    ),
    (
        "rtol to pass",
        "the least rtol with which a plain comparison of subject and backend (atol = 0) would "
        "pass; inf where a zero or an infinity is missed",
    ),
    (
        "cases",
        "how many cases of the regime the row sums up; the numbers are the largest of them",
    ),
    (
        "status",
        "pass; known: a difference that the register of deviations holds, with its limits; fail; "
        "stale: an entry of the register that no longer holds; unsupported: the implementation "
        "says that it lacks this; absent: nothing to compare with; error: an exception. (2 of 3): "
        "of so many cases of the row; (forward only): one side has no VJP",
    ),
)

TRAINING = """\
In lockstep, which decides, every step starts both sides from the same state. The *ratio* of a
tensor is its distance from the oracle over the largest of refnet's own step and of {twins} twins,
in which state, batch and every intermediate result are moved by one unit in the last place at
random: 1 is what rounding does, {limit:g} the limit. Compared are the loss, every gradient, every
parameter and every optimizer slot at every step, and the slots before the first; the columns of
these, and the first table, have the larger ratio of the two sides. Running free, which informs,
each side follows its own state: the *distance* is that of its parameters from refnet's, the
*horizon* the first step at which the twins are more than 1e-4 apart or a branch (the sign of a
ReLU, the class of a sample) differs; *beyond N* says that it was not met in the N steps for which
twins were run. Both distances are those at the last step before it, growth is the twins' from step
to step, *compared* counts tensors times steps, and mean losses are those of {points} stretches of
the run.
"""
TRAINING_WORDS = TRAINING.format(twins=TWINS, limit=LIMIT, points=POINTS).strip()

JUDGES = """\
Every case is run with every judge. What one says that it lacks is unsupported, and not declared;
a cell that is declared and not compared counts against coverage.
"""

OUTLIERS = """\
Where not all sides agree: sides within their bounds agree with the oracle, and so with one another;
those outside agree if they are as close to one another as the bounds of both together allow (up to
1, at the values of the first of the two). A side that parts from all others, while these agree, is
the *outlier*; refnet is where the judges agree on something else than the oracle, which is refnet
too. *bound used* is the largest share of a bound, or of the lockstep limit, of those outside.
"""


def as_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown."""
    h = report.header
    parts = [
        f"# Parity of {h.subject} with {', '.join(h.backends)}",
        f"**{report.verdict[0].upper()}{report.verdict[1:]}.** Exit code {report.exit_code}.",
        _circumstances(report),
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


def _circumstances(report: Report) -> str:
    h, c = report.header, report.coverage
    share = f"{c.compared / c.declared:.1%}" if c.declared else "none"
    rows = [
        [
            "coverage",
            f"{c.compared:,} of {c.declared:,} declared cells compared ({share}); "
            f"{c.unsupported:,} unsupported",
        ],
        ["statuses", _statuses(report)],
        ["versions", ", ".join(f"{name} {v}" for name, v in h.versions.items())],
        ["platform", h.platform],
        ["CPU features (NumPy)", ", ".join(h.cpu_features) or "unknown"],
        ["threads", str(h.threads)],
        ["seed", str(h.seed)],
        ["dtypes", ", ".join(h.dtypes)],
        ["selection", selection(h)],
    ]
    return markdown_table(rows, ["", ""])


def _statuses(report: Report) -> str:
    results: list[AnyResult] = [*report.cells, *report.trainings]
    counts = Counter(r.status for r in results)
    return ", ".join(f"{s.value} {counts[s]:,}" for s in Status if counts[s])


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
    used: dict[str, list[str]] = {}
    for c in report.cells:
        if c.deviation and c.other is not None:
            used.setdefault(c.deviation, []).append(f"{c.case} ({c.dtype}): {c.other.worst}")
    if not used:
        return []
    rows = [
        [e.id, e.kind, f"{e.metric} in [{e.low:g}, {e.high:g}]", e.reason, used[e.id][0], e.link]
        for e in deviations.load()
        if e.id in used
    ]
    return [
        "## Known differences",
        "From the register, parity/deviations.toml. An entry that no longer holds fails the run.",
        markdown_table(
            rows, ["entry", "kind", "limits", "reason", "the backend's, for example", "see"]
        ),
    ]
