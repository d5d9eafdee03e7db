"""Results as rows of words, which every report shows the same."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from parity import deviations
from parity.floats import HALVES
from parity.result import (
    MNIST_CASE,
    AnyResult,
    CellResult,
    Header,
    Number,
    Report,
    Status,
    TrainingResult,
)

# Worst first.
SEVERITY = {
    Status.FAIL: 0,
    Status.STALE: 1,
    Status.ERROR: 2,
    Status.ABSENT: 3,
    Status.KNOWN: 4,
    Status.PASS: 5,
    Status.UNSUPPORTED: 6,
}
# What there are no numbers of.
UNCOMPARED = frozenset({Status.ERROR, Status.ABSENT, Status.UNSUPPORTED})


class Row(NamedTuple):
    """One row of the table of operations: an operation, a dtype and a regime."""

    op: str
    dtype: str
    regime: str
    cases: int
    max_abs: str
    max_rel: str
    max_ulp: str
    subject_ratio: str
    backend_ratio: str
    rtol: str
    status: Status
    status_words: str

    def cells(self) -> list[str]:
        """Return the row's texts, in the order of :func:`headers`."""
        return [
            self.op,
            self.dtype,
            self.regime,
            str(self.cases),
            self.max_abs,
            self.max_rel,
            self.max_ulp,
            self.subject_ratio,
            self.backend_ratio,
            self.rtol,
            self.status_words,
        ]


def judged(report: Report, backend: str) -> bool:
    """Whether a backend had any cell to show: it is there, and has one of the operations."""
    every: list[AnyResult] = [*report.cells, *report.trainings]
    without = (Status.ABSENT, Status.UNSUPPORTED)
    return any(r.backend == backend and r.status not in without for r in every)


def headers(subject: str, backend: str) -> list[str]:
    """Return the headings of the table of operations."""
    return [
        "operation",
        "dtype",
        "regime",
        "cases",
        "max abs",
        "max rel",
        "max ULP",
        f"{subject}: bound used",
        f"{backend}: bound used",
        "rtol to pass",
        "status",
    ]


def operation_rows(report: Report, backend: str) -> list[Row]:
    """Return a row per operation, dtype and regime that was run, the worst first."""
    groups: dict[tuple[str, str, str], list[CellResult]] = {}
    for cell in report.cells:
        if cell.backend == backend and cell.status is not Status.UNSUPPORTED:
            groups.setdefault((cell.op, cell.dtype, cell.regime), []).append(cell)
    ranked = [(_rank(cells), key, _row(key, cells)) for key, cells in groups.items()]
    return [row for _, _, row in sorted(ranked, key=lambda item: item[:2])]


def _rank(cells: list[CellResult]) -> tuple[int, float]:
    worst = min(SEVERITY[c.status] for c in cells)
    ratio = max((value(s.ratio) for c in cells for s in (c.actual, c.other) if s), default=0.0)
    return worst, -ratio


def _row(key: tuple[str, str, str], cells: list[CellResult]) -> Row:
    mine = [c.actual for c in cells if c.actual is not None]
    theirs = [c.other for c in cells if c.other is not None]
    status = min((c.status for c in cells), key=SEVERITY.__getitem__)
    rtols = [c.rtol for c in cells if c.rtol is not None]
    return Row(
        *key,
        cases=len(cells),
        max_abs=_largest(s.max_abs for s in mine),
        max_rel=_largest(s.max_rel for s in mine),
        max_ulp=_largest(s.max_ulp for s in mine),
        subject_ratio=_largest(s.ratio for s in mine),
        backend_ratio=_largest(s.ratio for s in theirs),
        rtol=_largest(rtols),
        status=status,
        status_words=_status_words(status, cells),
    )


def _status_words(status: Status, cells: list[CellResult]) -> str:
    same = [c for c in cells if c.status is status]
    share = "" if len(same) == len(cells) else f" ({len(same)} of {len(cells)})"
    forward = (
        " (forward only)" if status is Status.PASS and any(c.forward_only for c in same) else ""
    )
    entries = sorted({c.deviation for c in same if c.deviation})
    why = f": {', '.join(entries)}" if entries else ""
    return f"{status.value}{share}{forward}{why}"


def training_matrix(trainings: Iterable[TrainingResult]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: the worst ratio of each run by its name and its model.

    A cell has it in each dtype, and the status where that is not pass.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for t in sorted(trainings, key=lambda t: (t.case, t.dtype)):
        name = t.case.removeprefix(f"{t.op}/")
        words = "" if t.status is Status.PASS else f"{t.status.value} "
        ratio = "" if t.status in UNCOMPARED else short(_worst_ratio(t))
        found.setdefault(name, {}).setdefault(t.op, []).append(f"{words}{ratio}".strip())
    models = sorted({op for row in found.values() for op in row})
    # The fullest rows first: those of the optimizers that every model has.
    names = sorted(found, key=lambda name: (-len(found[name]), name))
    rows = [[name, *(" / ".join(found[name].get(op, [])) for op in models)] for name in names]
    return ["run", *models], rows


def _worst_ratio(t: TrainingResult) -> float:
    return max(value(t.subject_ratio), value(t.backend_ratio))


def lockstep_headers(subject: str, backend: str) -> list[str]:
    """Return the headings of the table of training runs in lockstep."""
    return [
        "run",
        "dtype",
        "compared",
        f"{subject}: worst ratio",
        f"{backend}: worst ratio",
        "worst tensor",
        "loss",
        "gradients",
        "slots",
        "parameters",
        "status",
    ]


def lockstep_rows(trainings: Iterable[TrainingResult]) -> list[list[str]]:
    """Return a row per training run that was tried, the worst first."""
    return [
        [
            t.case,
            t.dtype,
            f"{t.compared:,}",
            short(t.subject_ratio),
            short(t.backend_ratio),
            t.worst,
            *_by_kind(t),
            t.status.value,
        ]
        for t in _ordered(trainings)
    ]


def _by_kind(t: TrainingResult) -> list[str]:
    """Return the worst ratio of loss, gradients, each slot by its name, and parameters."""
    worst: dict[str, float] = {}
    for x in t.tensors:
        kind, _, of = x.name.partition(" of ")
        kind = kind if of or kind == "loss" else "parameters"
        ratio = max(value(x.subject_ratio), value(x.backend_ratio))
        worst[kind] = max(worst.get(kind, 0.0), ratio)
    slots = sorted(worst.keys() - {"loss", "gradient", "parameters"})
    named = ", ".join(f"{slot} {short(worst[slot])}" for slot in slots)
    loss, gradients, parameters = (
        short(worst[kind]) if kind in worst else "" for kind in ("loss", "gradient", "parameters")
    )
    return [loss, gradients, named, parameters]


def free_headers(backend: str) -> list[str]:
    """Return the headings of the table of free-running training runs."""
    return [
        "run",
        "dtype",
        "updates",
        "mean loss, first to last",
        "accuracy",
        f"accuracy, {backend}",
        "horizon",
        "growth per step",
        f"{backend}: distance",
        "twins: distance",
    ]


def free_rows(trainings: Iterable[TrainingResult]) -> list[list[str]]:
    """Return a row per training run that ran freely, by case."""
    ran = [t for t in trainings if t.free_steps]
    return [
        [
            t.case,
            t.dtype,
            f"{t.free_steps:,}",
            " to ".join(short(row[1]) for row in (t.losses[0], t.losses[-1])),
            *([f"{value(a):.4f}" for a in t.accuracies] or ["", ""]),
            horizon(t),
            "" if t.growth is None else f"x {value(t.growth):.3f}",
            "" if t.distance is None else short(t.distance),
            "" if t.envelope is None else short(t.envelope),
        ]
        for t in sorted(ran, key=lambda t: (t.case, t.dtype))
    ]


def _ordered(trainings: Iterable[TrainingResult]) -> list[TrainingResult]:
    return sorted(
        (t for t in trainings if t.status is not Status.UNSUPPORTED),
        key=lambda t: (SEVERITY[t.status], -_worst_ratio(t), t.case, t.dtype),
    )


def unsupported(report: Report, backend: str) -> list[tuple[str, str]]:
    """Return what was not run because an implementation lacks it: reasons with their cases."""
    groups: dict[str, list[AnyResult]] = {}
    for r in _of(report, Status.UNSUPPORTED):
        if r.backend == backend:
            groups.setdefault(r.reason, []).append(r)
    return [(reason, _cells(found)) for reason, found in sorted(groups.items())]


KNOWN_HEADERS = ["entry", "kind", "limits", "reason", "the backend's, for example", "see"]


def known_rows(report: Report) -> list[list[str]]:
    """Return a row per entry of the register that cells of the report are held to."""
    found: dict[str, list[CellResult]] = {}
    for c in report.cells:
        if c.deviation and c.other is not None:
            found.setdefault(c.deviation, []).append(c)
    if not found:
        return []
    register = {e.id: e for e in deviations.load()}
    rows = []
    for id in sorted(found, key=[*register, *found].index):
        e, (first, *_) = register.get(id), found[id]
        example = f"{first.case} ({first.dtype}): {first.other.worst if first.other else ''}"
        limits = f"{e.metric} in [{e.low:g}, {e.high:g}]" if e else "no longer in the register"
        kind, reason, link = (e.kind, e.reason, e.link) if e else ("", first.reason, "")
        rows.append([id, kind, limits, reason, example, link])
    return rows


def horizon(t: TrainingResult) -> str:
    """Return a run's horizon in words."""
    if not t.followed:
        return ""
    return f"beyond {t.followed}" if t.horizon is None else f"{t.horizon} ({t.horizon_reason})"


def troubles(report: Report) -> list[tuple[AnyResult, str]]:
    """Return every result that differs, with the command that runs it again."""
    chosen = sorted(_of(report, Status.FAIL, Status.STALE), key=_order)
    return [(r, again(report, r)) for r in chosen]


def headline(report: Report) -> str:
    """Return in one line what fails, operations with their cells first; empty where nothing does.

    An operation that is broken takes many others and training runs with it: those of which the
    largest part fails come first.
    """
    failed = _of(report, Status.FAIL, Status.STALE, Status.ERROR)
    cells = Counter(r.op for r in failed if isinstance(r, CellResult))
    every = Counter(c.op for c in report.cells)
    runs = [r for r in failed if isinstance(r, TrainingResult)]
    named = sorted(cells, key=lambda op: (-cells[op] / every[op], op))
    parts = [f"{op} ({cells[op]} of {every[op]} cells)" for op in named]
    if runs:
        parts.append(
            f"{len(runs)} of {len(report.trainings)} training runs, such as {runs[0].case}"
        )
    return f"fails: {', '.join(parts)}" if parts else ""


def uncompared(report: Report) -> list[tuple[str, str, str, str]]:
    """Return what could not be compared: status, reason, cells, and a command that runs one."""
    groups: dict[tuple[Status, str], list[AnyResult]] = {}
    for r in sorted(_of(report, Status.ERROR, Status.ABSENT), key=_order):
        groups.setdefault((r.status, r.reason), []).append(r)
    return [
        (status.value, reason, _cells(found), again(report, found[0]))
        for (status, reason), found in groups.items()
    ]


def _of(report: Report, *statuses: Status) -> list[AnyResult]:
    every: list[AnyResult] = [*report.cells, *report.trainings]
    return [r for r in every if r.status in statuses]


def _order(r: AnyResult) -> tuple[int, str, str]:
    return SEVERITY[r.status], r.case, r.dtype


def _cells(found: list[AnyResult]) -> str:
    first = f"{found[0].case} ({found[0].dtype})"
    return first if len(found) == 1 else f"{len(found)} cells, such as {first}"


def accumulation(report: Report, backend: str) -> list[str]:
    """Return, for either side, in which operations it rounds to a half type between kernels."""
    compared = [c for c in report.cells if c.backend == backend and c.actual is not None]
    # Optimizers round at every step, as their bounds have it.
    found = {c.dtype for c in compared if c.dtype in HALVES and c.regime != "updates"}
    halves = sorted(found, key=HALVES.index)
    sentences = []
    for side in (report.header.subject, backend) if halves else ():
        ops = sorted({c.op for c in compared if side in c.rounds_between})
        if ops:
            does = f"rounds to the half type between the kernels of {', '.join(ops)}; every other "
            does += "operation accumulates in float32"
        else:
            does = "accumulates every operation in float32"
        sentences.append(f"In {' and '.join(halves)} {side} {does}.")
    return sentences


def circumstances(report: Report) -> list[tuple[str, str]]:
    """Return what was compared and under which circumstances, each with its name."""
    h, c = report.header, report.coverage
    share = f"{c.compared / c.declared:.1%}" if c.declared else "none"
    counts = [f"{status.value} {n:,}" for status, n in counted(report).items()]
    return [
        (
            "coverage",
            f"{c.compared:,} of {c.declared:,} declared cells compared ({share}); "
            f"{c.unsupported:,} unsupported",
        ),
        ("statuses", ", ".join(counts)),
        ("versions", ", ".join(f"{name} {v}" for name, v in h.versions.items())),
        ("platform", h.platform),
        ("CPU features (NumPy)", ", ".join(h.cpu_features) or "unknown"),
        ("threads", str(h.threads)),
        ("seed", str(h.seed)),
        ("dtypes", ", ".join(h.dtypes)),
        ("selection", selection(h)),
    ]


def counted(report: Report) -> dict[Status, int]:
    """Return how many results have each status that any has."""
    every: list[AnyResult] = [*report.cells, *report.trainings]
    counts = Counter(r.status for r in every)
    return {s: counts[s] for s in Status if counts[s]}


def selection(h: Header) -> str:
    """Return what was asked for, in words."""
    asked = [*(["MNIST"] if h.mnist is not None else []), *h.selectors]
    return ", ".join(asked) or "everything"


def again(report: Report, result: AnyResult) -> str:
    """Return the command that runs a cell again and shows what differs in it."""
    h = report.header
    backend = h.backend_specs.get(result.backend, result.backend)
    mnist = h.mnist if result.case == MNIST_CASE else None
    return repro_command(result.case, result.dtype, backend, h.subject_spec, h.seed, mnist)


def repro_command(
    case: str, dtype: str, backend: str, subject: str, seed: int, mnist: str | None = None
) -> str:
    """Return the command that runs one cell again; backend and subject are specs.

    Examples
    --------
    >>> repro_command("relu/kinks", "float32", "torch", "refnet", 0)
    'parity repro relu/kinks --dtype float32 --backend torch --seed 0'
    """
    parts = ["parity", "repro", case, "--dtype", dtype, "--backend", backend]
    parts += ["--subject", subject] if subject != "refnet" else []
    parts += ["--mnist", mnist] if mnist is not None else []
    return shlex.join([*parts, "--seed", str(seed)])


def short(x: Number) -> str:
    """Return a number with two or three digits: 0.62, 4.1e-08, inf."""
    v = value(x)
    if v == 0:
        return "0"
    if not math.isfinite(v):
        return str(v)
    if 0.001 <= abs(v) < 1000:
        return f"{v:.3g}"
    return f"{v:.1e}"


def value(x: Number) -> float:
    """Return a report's number as a float; infinities and NaN are words there."""
    return float(x)


def _largest(values: Iterable[Number]) -> str:
    found = [value(v) for v in values]
    return short(max(found)) if found else ""
