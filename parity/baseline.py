"""Baselines: what an earlier run found, kept to see what became better or worse.

A baseline is one JSON file. An entry is a cell in a version class: the backend's version up to its
minor number, so that runs with several versions share a file and none is mistaken for another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from parity.case import AnyCase
from parity.cells import number
from parity.errors import BaselineError, OutputError
from parity.files import write_whole
from parity.registry import all_cases
from parity.report.as_json import from_json
from parity.result import AnyResult, CellResult, Number, Report, Status
from parity.trajectory.lockstep import LIMIT

SCHEMA = 1
FOLDER = Path("reports/baselines")
DIGITS = 3  # of a share of a bound


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of one cell: how it fared, and by how much.

    ``subject`` and ``backend`` are shares of the bound, or of the lockstep limit in training.
    ``version`` is the case's, for a case whose inputs or options change is another case, and names
    the sides that round to a half type between kernels, which depends on the CPU and decides the
    bound.
    """

    status: Status
    subject: Number
    backend: Number
    version: str


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cells by their keys: case, dtype, subject, backend and version class."""

    schema: int
    seed: int
    cells: dict[str, Kept]


def of_report(report: Report, cases: Iterable[AnyCase] | None = None) -> Baseline:
    """Return what is kept of a report.

    ``cases`` are those that its cells are of; by default all that there are now.
    """
    versions = {c.id: version_of(c) for c in (all_cases() if cases is None else cases)}
    results: list[AnyResult] = [*report.cells, *report.trainings]
    return Baseline(
        schema=SCHEMA,
        seed=report.header.seed,
        cells={
            _key(r, report.header.versions): _kept(r, versions.get(r.case, ""))
            for r in results
            if r.status is not Status.UNSUPPORTED
        },
    )


def version_of(case: AnyCase) -> str:
    """Return the version of a case: a digest of all that it says.

    Examples
    --------
    >>> from parity.registry import select
    >>> a, b, *_ = select(["relu"])
    >>> version_of(a) == version_of(a), version_of(a) == version_of(b)
    (True, False)
    """
    return hashlib.sha256(repr(case).encode()).hexdigest()[:8]


def version_class(version: str) -> str:
    """Return a version up to its minor number, or as it is if it is none.

    Examples
    --------
    >>> version_class("2.13.0+cpu"), version_class("of my own")
    ('2.13', 'of my own')
    """
    try:
        found = Version(version)
    except InvalidVersion:
        return version
    return f"{found.major}.{found.minor}"


def load(path: Path) -> Baseline:
    """Return a baseline, or what is kept of a report: the file says which it is.

    Raises
    ------
    BaselineError
        If there is no such file, it is damaged, or of another schema.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BaselineError(
            "baseline",
            got=f"{path}, which cannot be read ({error.strerror})",
            needs="a baseline, or the JSON report of a run",
            cause="`parity run --save-baseline NAME` writes one; --baseline-lenient does without.",
        ) from error
    try:
        found = msgspec.json.decode(data)
        if isinstance(found, dict) and "header" in found:
            return of_report(from_json(data))
        baseline = msgspec.convert(found, Baseline)
        if baseline.schema != SCHEMA:
            raise msgspec.ValidationError(f"schema {baseline.schema}")
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BaselineError(
            "baseline",
            got=f"{path}, which is damaged or no baseline ({error})",
            needs=f"a baseline of schema {SCHEMA}, or the JSON report of a run",
            cause="Was it cut off, merged by hand, or written by another version of parity?",
        ) from error
    return baseline


def check_savable(name: str | None) -> None:
    """Refuse, before anything is run, to save a baseline in a CI job.

    Raises
    ------
    BaselineError
        If ``name`` is given and the environment variable CI is set.
    """
    if name is not None and os.environ.get("CI", "").lower() in ("1", "true"):
        raise BaselineError(
            "baseline",
            got="--save-baseline in a CI job",
            needs="a person who has looked at what became worse",
            cause="The environment variable CI is set. Save it where you work, and commit it.",
        )


def check_seed(baseline: Baseline, seed: int) -> None:
    """Refuse a baseline of another seed: other inputs have other numbers.

    Raises
    ------
    BaselineError
        If the seeds differ.
    """
    if baseline.seed != seed:
        raise BaselineError(
            "baseline",
            got=f"a baseline of seed {baseline.seed} beside seed {seed}",
            needs="runs of one seed",
            cause="Other seeds draw other inputs, which have other numbers.",
        )


def check_in_common(baseline: Baseline, new: Baseline) -> None:
    """Refuse a baseline that has nothing to say of the sides and versions of a run.

    Raises
    ------
    BaselineError
        If they have no cell in common.
    """
    if baseline.cells.keys().isdisjoint(new.cells):
        raise BaselineError(
            "baseline",
            got="a baseline without one cell of these sides and versions",
            needs="a baseline of the versions that are installed",
            cause="Was a framework upgraded? Read the report, then renew the baseline with "
            "--save-baseline; --baseline-lenient goes on without.",
        )


def sides_of(key: str) -> str:
    """Return subject, backend and version class of a cell's key."""
    return key.split(" ", 2)[2]


def save(baseline: Baseline, path: Path, *, whole: bool = False) -> Path:
    """Write a baseline and return its path: its cells replace those of the same key in the file.

    With ``whole`` it is a run of every case, and what the file has besides of the same sides and
    versions is gone. The file is replaced as a whole once the new one is on the disk.

    Raises
    ------
    BaselineError
        If this is a CI job, the file that is there is damaged or of another seed, or it cannot be
        written.
    """
    check_savable(path.name)
    cells = dict(baseline.cells)
    if path.exists():
        there = load(path)
        check_seed(there, baseline.seed)
        sides = {sides_of(key) for key in cells} if whole else set()
        kept = {key: v for key, v in there.cells.items() if sides_of(key) not in sides}
        cells = {**kept, **cells}
    merged = msgspec.structs.replace(baseline, cells=dict(sorted(cells.items())))
    try:
        return write_whole(path, _as_lines(merged))
    except OutputError as error:
        raise BaselineError(
            "baseline", got=error.got, needs=error.needs, cause=error.cause
        ) from error


def path_of(name: str, folder: Path = FOLDER) -> Path:
    """Return the file of a baseline by its name, which may be a path itself."""
    named = Path(name)
    return named if named.suffix == ".json" else folder / f"{name}.json"


def _key(r: AnyResult, versions: Mapping[str, str]) -> str:
    version = version_class(versions.get(r.backend, ""))
    return f"{r.case} {r.dtype} {r.subject} {r.backend} {version}"


def _kept(r: AnyResult, version: str) -> Kept:
    if isinstance(r, CellResult):
        sides = [0.0 if side is None else float(side.ratio) for side in (r.actual, r.other)]
        version = "+".join([version, *r.rounds_between])
    else:
        sides = [float(ratio) / LIMIT for ratio in (r.subject_ratio, r.backend_ratio)]
    subject, backend = (number(float(f"{share:.{DIGITS}g}")) for share in sides)
    return Kept(r.status, subject, backend, version)


def _as_lines(baseline: Baseline) -> bytes:
    """Return a baseline as JSON with a line for each cell, so that differences can be read."""
    encode = msgspec.json.encode
    lines = b",\n".join(encode(k) + b":" + encode(v) for k, v in baseline.cells.items())
    head = b'{"schema":%d,"seed":%d,"cells":{\n' % (baseline.schema, baseline.seed)
    return head + lines + b"\n}}\n"
