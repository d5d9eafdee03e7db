"""The HTML report: one file with everything in it, to be read with or without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

from parity.case import DTYPES, REGIMES
from parity.report.judges import JUDGE_HEADERS, OUTLIER_HEADERS, judge_rows, outlier_rows
from parity.report.prose import prose
from parity.report.rows import (
    KNOWN_HEADERS,
    SEVERITY,
    accumulation,
    circumstances,
    counted,
    free_headers,
    free_rows,
    horizon,
    known_rows,
    lockstep_headers,
    lockstep_rows,
    short,
    troubles,
    uncompared,
    unsupported,
    value,
)
from parity.report.shares import share, shares, sides, worst
from parity.report.sources import RULES, Source, sources
from parity.report.svg import Curve, Strip, curves, span, strips
from parity.report.tables import printable
from parity.report.words import COLUMNS, JUDGES, KNOWN, OUTLIERS, READING, TRAINING_WORDS
from parity.result import AnyResult, CellResult, Report, Status, TrainingResult

LISTED = 200  # results that differ; each is in the table of its operation too
KINDS = {"moments": "initializer", "updates": "optimizer"}
MEANINGS = {
    Status.PASS: "agrees",
    Status.KNOWN: "differs, as the register says",
    Status.FAIL: "differs",
    Status.STALE: "an entry of the register no longer holds",
    Status.UNSUPPORTED: "an implementation lacks it",
    Status.ABSENT: "nothing to compare with",
    Status.ERROR: "an exception",
}


class Table(NamedTuple):
    """A table: its caption, headings, rows of texts, and which columns are numbers."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


class Cell(NamedTuple):
    """A row of the table of cells: its status, and its texts."""

    status: str
    texts: list[str]


class Part(NamedTuple):
    """What the page says of one operation."""

    name: str
    anchor: str
    kind: str
    status: Status
    counts: str
    largest: list[str]  # share of a bound that each side used
    overview: str  # a small picture for the table of operations
    picture: str
    figures: Table
    cells: list[Cell]
    sources: list[Source]


class Run(NamedTuple):
    """What the page says of one training run by itself."""

    title: str
    status: str
    words: str
    picture: str
    tensors: Table


class Model(NamedTuple):
    """What the page says of the training runs of one model with one backend."""

    title: str
    name: str
    anchor: str
    counts: str
    data: str
    picture: str
    cells: list[Cell]
    lockstep: Table
    free: Table
    runs: list[Run]


def as_html(report: Report) -> bytes:
    """Return the report as one page of HTML that needs nothing beside it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    folder = resources.files("parity.report") / "page"
    environment = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "prose": lambda text: Markup(prose(text)),  # noqa: S704  escaped there
        "drawn": Markup,  # pictures, whose words are escaped
    }
    style, script = ((folder / name).read_text("utf-8") for name in ("style.css", "script.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = environment.get_template("report.html").render(
        **_view(report),
        style=Markup(style),  # noqa: S704  our own files
        script=Markup(script),  # noqa: S704
        digest=digest,
    )
    return page.encode()


def _view(report: Report) -> Mapping[str, Any]:
    """Return what the template shows."""
    names = sides(report)
    found = troubles(report)
    parts = _parts(report, names)
    models = _models(report, names)
    return {
        "report": report,
        "h": report.header,
        "names": names,
        "verdict": f"{report.verdict[0].upper()}{report.verdict[1:]}",
        "good": report.exit_code == 0,
        "counts": [
            (s.value, n, MEANINGS[s])
            for s, n in sorted(counted(report).items(), key=lambda item: _place(item[0]))
        ],
        "circumstances": circumstances(report),
        "columns": _columns(report),
        "different": [(r, command, _both(r)) for r, command in found[:LISTED]],
        "more": len(found) - LISTED,
        "tables": _what_is_not_a_pass(report),
        "parts": parts,
        "models": models,
        "total": len(report.cells) + len(report.trainings),
        "ops": sorted({p.name for p in parts} | {m.name for m in models}),
        "dtypes": [d for d in DTYPES if d in report.header.dtypes],
        "reading": READING,
        "training_words": TRAINING_WORDS,
        "accumulation": [s for b in names[1:] for s in accumulation(report, b)],
        "meanings": Table("What the columns mean", ["column", "meaning"], COLUMNS),
        "regimes": Table("Regimes", ["regime", "inputs"], [*_regimes(report)]),
        "rules": RULES,
    }  # fmt: skip


def _what_is_not_a_pass(report: Report) -> list[tuple[str, str, Table]]:
    """Return titles with their words and tables: everything that is neither a pass nor differs."""
    missed = ["status", "reason", "cells", "again"]
    found = [
        ("What could not be compared", "", Table("", missed, uncompared(report))),
        ("Who stands alone", OUTLIERS, Table("", OUTLIER_HEADERS, outlier_rows(report.outliers))),
        ("Known differences", KNOWN, Table("", KNOWN_HEADERS, known_rows(report))),
        (
            "The judges",
            JUDGES,
            Table("", JUDGE_HEADERS, judge_rows(report), frozenset(range(1, 8))),
        ),
    ]
    for backend in report.header.backends:
        lacking = unsupported(report, backend)
        title = f"Unsupported: {report.header.subject} and {backend}"
        found.append((title, "", Table("", ["reason", "cells"], lacking)))
    return [
        (title, words, table._replace(caption=title)) for title, words, table in found if table.rows
    ]


def _regimes(report: Report) -> Iterator[list[str]]:
    found = {c.regime for c in report.cells}
    yield from ([regime, words] for regime, words in REGIMES.items() if regime in found)


def _columns(report: Report) -> list[tuple[str, bool]]:
    """Return the headings of the tables of cells, and whether each is of numbers."""
    several = len(report.header.backends) > 1
    other = "backend" if several else report.header.backends[0]
    words = [("case", False), ("dtype", False), *([("backend", False)] if several else [])]
    numbers = [f"{report.header.subject}: bound used", f"{other}: bound used"]
    numbers += ["max ULP", "max abs", "max rel", "rtol to pass"]
    return [
        *words, ("status", False), *((name, True) for name in numbers), ("regime", False),
        ("note", False),
    ]  # fmt: skip


def _cell(report: Report, r: AnyResult) -> Cell:
    """Return a result as a row of a table of cells, in the order of :func:`_columns`."""
    used = [_optional(share(r, other=o)) for o in (False, True)]
    if isinstance(r, CellResult):
        regime, mine = r.regime, r.actual
        measured = [mine.max_ulp, mine.max_abs, mine.max_rel] if mine else [None] * 3
        numbers = [_optional(x) for x in (*measured, r.rtol)]
    else:
        regime, numbers = "training", [""] * 4
    several = [r.backend] if len(report.header.backends) > 1 else []
    return Cell(
        r.status.value,
        [r.case, r.dtype, *several, r.status.value, *used, *numbers, regime, _note(r)],
    )


def _note(r: AnyResult) -> str:
    forward = "forward only" if isinstance(r, CellResult) and r.forward_only else ""
    if r.status is Status.PASS:
        return forward if isinstance(r, CellResult) else f"worst tensor: {r.worst}"
    entry = r.deviation if isinstance(r, CellResult) else ""
    named = f"{entry}: {r.reason}" if entry else r.reason
    ended = named if named.endswith(".") or not named else f"{named}."
    return " ".join(words for words in (ended, _both(r), forward) if words)


def _both(r: AnyResult) -> str:
    """Return in words where both sides are farthest from the oracle, unless the reason says so."""
    if isinstance(r, CellResult):
        found = ((r.subject, r.actual), (r.backend, r.other))
        return " ".join(
            f"{name}: {side.worst}." for name, side in found if side and side.worst not in r.reason
        )
    apart = ((r.subject, r.subject_apart), (r.backend, r.backend_apart))
    return " ".join(
        f"{name} is first apart at step {a.step}: {a.tensor}, {short(a.ratio)} times as far from "
        "the oracle as rounding explains."
        for name, a in apart
        if a is not None
    )


def _parts(report: Report, names: Sequence[str]) -> list[Part]:
    """Return the parts of operations, initializers and optimizers: what is no pass first."""
    groups: dict[str, list[CellResult]] = {}
    for c in report.cells:
        groups.setdefault(c.op, []).append(c)
    found = [_part(report, name, cells, names) for name, cells in groups.items()]
    # Known differences are no trouble: those operations stand with the ones that pass.
    return sorted(found, key=lambda p: (min(SEVERITY[p.status], SEVERITY[Status.KNOWN]), p.name))


def _part(report: Report, name: str, cells: list[CellResult], names: Sequence[str]) -> Part:
    used = shares(cells, names)
    by_dtype = {d: [c for c in cells if c.dtype == d] for d in DTYPES}
    dots = {d: shares(found, names) for d, found in by_dtype.items() if found}
    figures = [
        [dtype, side, str(len(values)), _optional(_median(values)), short(max(values))]
        for dtype, each in dots.items()
        for side, values in zip(names, each, strict=True)
        if values
    ]
    regime = cells[0].regime
    return Part(
        name,
        _anchor("op", name),
        KINDS.get(regime, "operation"),
        min((c.status for c in cells), key=SEVERITY.__getitem__),
        _counts(cells),
        [short(max(values)) if values else "" for values in used],
        span(used),
        strips(
            [Strip(dtype, each) for dtype, each in dots.items()],
            names,
            f"Share of the bound of {name} that each cell used, by dtype, on a logarithmic axis. "
            "The table of the largest and the median has the numbers.",
        ),
        Table(
            f"Bound used in {name}",
            ["dtype", "side", "cells", "median", "largest"],
            figures,
            frozenset({2, 3, 4}),
        ),
        [_cell(report, c) for c in _worst_first(cells)],
        sources(name, regime),
    )


def _models(report: Report, names: Sequence[str]) -> list[Model]:
    """Return the training runs by model and backend."""
    groups: dict[tuple[str, str], list[TrainingResult]] = {}
    for t in report.trainings:
        groups.setdefault((t.op, t.backend), []).append(t)
    several = len(report.header.backends) > 1
    return [
        _model(report, model, backend, runs, names, several=several)
        for (model, backend), runs in sorted(groups.items())
    ]


def _model(
    report: Report,
    model: str,
    backend: str,
    runs: list[TrainingResult],
    names: Sequence[str],
    *,
    several: bool,
) -> Model:
    title = f"{model} with {backend}" if several else model
    pair = [report.header.subject, backend]
    dots = [(d, shares([t for t in runs if t.dtype == d], pair)) for d in DTYPES]
    return Model(
        title,
        model,
        _anchor("run", title),
        _counts(runs),
        next((t.data for t in runs if t.data), ""),
        strips(
            [Strip(dtype, used) for dtype, used in dots if any(used)],
            pair,
            f"Share of the lockstep limit that each run of {title} used, by dtype, on a "
            "logarithmic axis.",
        )
        if backend in names
        else "",
        [_cell(report, t) for t in _worst_first(runs)],
        Table(
            f"{title} in lockstep",
            lockstep_headers(*pair),
            lockstep_rows(runs),
            frozenset({2, 3, 4, 6, 7, 9}),
        ),
        Table(f"{title} running free", free_headers(backend), free_rows(runs), frozenset({2})),
        [_run(t) for t in _worst_first(runs)],
    )


def _run(t: TrainingResult) -> Run:
    title = f"{t.case.partition('/')[2]}, {t.dtype}"
    words = f"Worst in lockstep: {t.subject} {short(t.subject_ratio)}, {t.backend} "
    words += f"{short(t.backend_ratio)} times what rounding does ({t.worst}). " if t.worst else ""
    trail = [(float(n), value(d), value(e)) for n, d, e in t.trail]
    at = horizon(t)
    ends = f"Horizon {at}. " if at else ""
    if not t.compared:
        words = t.reason
    if t.distance is not None and t.envelope is not None:
        ends += f"Before it {t.backend} is {short(t.distance)} from {t.subject}, the twins "
        ends += f"{short(t.envelope)}."
    picture = curves(
        [
            Curve("ten", [(n, 10 * e) for n, _, e in trail]),
            Curve("twins", [(n, e) for n, _, e in trail]),
            Curve("side1", [(n, d) for n, d, _ in trail]),
        ],
        f"Distance by update of {title}: {ends}",
        "updates",
        None if t.horizon is None else float(t.horizon),
    )
    rows = [
        [x.name, str(x.step), short(x.subject_ratio), short(x.backend_ratio)] for x in t.tensors
    ]
    return Run(
        title,
        t.status.value,
        f"{words}{ends}",
        picture if trail else "",
        Table(
            f"Tensors of {title}, in lockstep",
            ["tensor", "worst step", t.subject, t.backend],
            rows,
            frozenset({1, 2, 3}),
        ),
    )


def _worst_first(results: Sequence[Any]) -> list[Any]:
    return sorted(results, key=lambda r: (*_place(r.status), -worst(r), r.case, r.dtype))


def _place(status: Status) -> tuple[bool, int]:
    """Return what statuses are ordered by: what is no pass first."""
    return status is Status.PASS, SEVERITY[status]


def _counts(results: Sequence[AnyResult]) -> str:
    found: dict[Status, int] = {}
    for r in results:
        found[r.status] = found.get(r.status, 0) + 1
    return ", ".join(f"{found[s]:,} {s.value}" for s in SEVERITY if s in found)


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(v if v == v else float("inf") for v in values) if values else None


def _optional(x: Any) -> str:
    return "" if x is None else short(x)


def _anchor(kind: str, name: str) -> str:
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}"


def _shown(x: Any) -> Any:
    """Return a text without characters that HTML has no place for; everything else as it is."""
    return printable(x) if type(x) is str else x
