"""A whole run: from a selection to a report."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from parity import deviations
from parity.backends import AbsentError, adapter, name_of
from parity.case import DTYPES, AnyCase, TrainingCase
from parity.cluster import run_on_cluster
from parity.errors import CheckpointError, SelectionError
from parity.gate import coverage, gate, judges
from parity.journal import Entry, Journal
from parity.outliers import outliers, pairs
from parity.registry import all_cases, select
from parity.report.rows import troubles
from parity.result import (
    MNIST_CASE,
    SCHEMA_VERSION,
    AnyResult,
    CellResult,
    Header,
    Report,
    TrainingResult,
)
from parity.runner import Task, Timed, Workers, checkpoint_of, effort, run_all
from parity.trajectory.checkpoint import EVERY, Checkpoints
from parity.trajectory.data import MNIST, load
from refnet.checks import nearest

# Updates of the run on MNIST: the sources' 20 epochs of 20,000 images in batches of 64.
MNIST_UPDATES = 6260


class Request(NamedTuple):
    """What is asked of a run; the command's options, or a program's."""

    selectors: Sequence[str] = ()
    dtypes: Sequence[str] = ()
    backends: Sequence[str] = ("torch",)
    subject: str = "refnet"
    seed: int = 0
    jobs: int = 0  # 0: one per processor, at most 4
    mnist: str | None = None
    checkpoints: str | None = None  # the folder that training runs keep theirs in
    checkpoint_every: int = EVERY
    scheduler: str | None = None  # the address of a Dask cluster
    journal: str | None = None  # the file of the run's journal
    resume: bool = False  # whether to go on from it


class Planned(NamedTuple):
    """A run that is about to begin: what was asked, and its tasks."""

    request: Request
    cases: list[AnyCase]
    dtypes: list[str]
    versions: dict[str, str]
    backends: dict[str, str]  # specs by name
    tasks: list[Task]


class Finished(NamedTuple):
    """A report, and what is kept out of it: how long each cell took, and in how many processes."""

    report: Report
    timed: list[Timed]
    jobs: int


def run(
    request: Request,
    started: Callable[[int], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> Finished:
    """Run what is requested.

    ``started`` hears how many units of progress it takes (cells, and the steps of training runs),
    ``progress`` how many more are done.

    Raises
    ------
    SelectionError
        If a selector, dtype, backend or subject names nothing.
    RegisterError
        If the register of deviations is malformed.
    CheckpointError, JournalError
        If a checkpoint or the journal is damaged or made by another configuration, or cannot be
        written.
    DataFileError
        If MNIST's files cannot be read.
    """
    cases, dtypes = chosen(request), _checked_dtypes(request.dtypes)
    jobs = request.jobs or _default_jobs(request, cases, dtypes)
    with ExitStack() as stack:
        workers = None
        if jobs > 1 and request.scheduler is None:
            specs = tuple(dict.fromkeys((request.subject, *request.backends)))
            workers = stack.enter_context(Workers(jobs, specs))
        planned = plan(request)
        started(sum(effort(task) for task in planned.tasks))
        journal = None
        if request.journal is not None:
            made_by = {"request": _asked(request), **_circumstances(request, planned.versions)}
            path = Path(request.journal)
            journal = stack.enter_context(Journal(path, made_by, resume=request.resume))
        return finish(planned, _executed(planned, jobs, progress, journal, workers), jobs)


def plan(request: Request) -> Planned:
    """Return the tasks of a request, everything about it checked; raises as :func:`run`."""
    cases = chosen(request)
    dtypes = _checked_dtypes(request.dtypes)
    versions = _versions(request)
    tasks = _tasks(request, cases, dtypes, versions)
    _check_checkpoints(tasks)
    if not tasks:
        raise SelectionError(
            "run",
            got=f"a selection without a case in {', '.join(dtypes)}",
            needs="at least one cell",
            cause="Are the selected cases declared in other dtypes? `parity list` shows them.",
        )
    return Planned(request, cases, dtypes, versions, _backend_names(request), tasks)


def finish(planned: Planned, timed: list[Timed], jobs: int) -> Finished:
    """Return the report of a run from the results of its tasks, in their order."""
    request, cases, dtypes, versions, backends, tasks = planned
    results = [t.result for t in timed]
    verdict = gate(results)
    several = len(backends) > 1
    measured = _between(request, cases, backends, results) if several else []
    report = Report(
        schema_version=SCHEMA_VERSION,
        header=Header(
            versions=versions,
            platform=f"{platform.system()} {platform.machine()}",
            cpu_features=cpu_features(),
            threads=1,
            seed=request.seed,
            subject=adapter(request.subject).name,
            subject_spec=request.subject,
            backends=list(backends),
            backend_specs=backends,
            dtypes=[d for d in dtypes if any(task.dtype == d for task in tasks)],
            selectors=list(request.selectors),
            mnist=request.mnist,
        ),
        coverage=coverage(results),
        exit_code=verdict.exit_code,
        verdict=verdict.sentence,
        cells=[r for r in results if isinstance(r, CellResult)],
        trainings=[r for r in results if isinstance(r, TrainingResult)],
        judges=judges(results, list(backends)) if several else [],
        outliers=outliers(results, measured) if several else [],
    )
    commands = [again for _, again in troubles(report)]
    return Finished(msgspec.structs.replace(report, again=commands), timed, jobs)


def key_of(task: Task) -> str:
    """Return the key of a task among those of its run: case, dtype and backend."""
    return f"{task.case.id} {task.dtype} {task.backend}"


def _executed(
    planned: Planned,
    jobs: int,
    progress: Callable[[int], None],
    journal: Journal | None,
    workers: Workers | None,
) -> list[Timed]:
    """Run the tasks that the journal has not yet, here or on a cluster; return all results."""
    tasks, address = planned.tasks, planned.request.scheduler
    found: dict[int, Timed] = {}
    if journal is not None:
        for i, task in enumerate(tasks):
            entry = journal.done.get(key_of(task))
            result = None if entry is None else entry.cell or entry.training
            if entry is not None and result is not None:
                found[i] = Timed(result, entry.seconds)
        progress(sum(effort(tasks[i]) for i in found))
    todo = {i: task for i, task in enumerate(tasks) if i not in found}

    def note(i: int, result: Timed) -> None:
        if journal is not None:
            journal.add(entry_of(tasks[i], result))

    if address is not None:
        found |= run_on_cluster(address, todo, progress, note)
    elif todo:
        numbers = list(todo)
        results = run_all(
            list(todo.values()),
            jobs,
            progress,
            lambda k, result: note(numbers[k], result),
            workers,
        )
        found |= dict(zip(numbers, results, strict=True))
    return [found[i] for i in range(len(tasks))]


def entry_of(task: Task, timed: Timed) -> Entry:
    """Return a task's result as the journal has it."""
    key, result = key_of(task), timed.result
    if isinstance(result, CellResult):
        return Entry(key=key, seconds=timed.seconds, cell=result)
    return Entry(key=key, seconds=timed.seconds, training=result)


def _asked(request: Request) -> str:
    """Return what a request asks for, in words: everything that decides which cells there are."""
    return repr(
        (
            tuple(request.selectors),
            tuple(request.dtypes),
            tuple(request.backends),
            request.subject,
            request.seed,
            request.mnist,
        )
    )


def chosen(request: Request) -> list[AnyCase]:
    """Return the cases of a request: with MNIST, its run, and beside it only what is selected."""
    if request.mnist is None:
        return select(request.selectors)
    data = f"{MNIST}{os.path.abspath(request.mnist)}"
    load(data)  # so that a file that cannot be read is an error of usage, before anything runs
    op, _, name = MNIST_CASE.partition("/")
    mnist = TrainingCase(
        op,
        name,
        model={"hidden": 200, "classes": 10},
        optimizer="sgd",
        optimizer_options={"lr": 0.01},
        data=data,
        gain=0.01,
        batch_size=64,
        free_steps=MNIST_UPDATES,
    )
    return [mnist, *(select(request.selectors) if request.selectors else ())]


def _checked_dtypes(dtypes: Sequence[str]) -> list[str]:
    for dtype in dtypes:
        if dtype not in DTYPES:
            raise SelectionError(
                "run",
                got=f"dtype {dtype!r}",
                needs=f"one of {', '.join(DTYPES)}",
                cause=nearest(dtype, DTYPES),
            )
    return [d for d in DTYPES if not dtypes or d in dtypes]


def _tasks(
    request: Request, cases: Sequence[AnyCase], dtypes: Sequence[str], versions: Mapping[str, str]
) -> list[Task]:
    entries = tuple(
        entry
        for entry in deviations.load(cases=all_cases())
        if entry.applies_to(versions.get(entry.backend, ""))
    )
    of_op = {
        op: tuple(e for e in entries if e.op in (op, "*")) for op in {case.op for case in cases}
    }
    kept = _checkpoints(request, versions)
    return [
        Task(case, dtype, request.subject, backend, request.seed, of_op[case.op], kept)
        for case in cases
        for dtype in case.dtypes
        if dtype in dtypes
        for backend in request.backends
    ]


def _between(
    request: Request,
    cases: Sequence[AnyCase],
    backends: Mapping[str, str],
    results: Sequence[AnyResult],
) -> list[CellResult]:
    """Measure against one another the sides that part from the others in the same case."""
    by_id = {case.id: case for case in cases}
    specs = {name_of(request.subject): request.subject, **backends}
    tasks = []
    for pair in pairs(results):
        case = by_id[pair.key.case]
        if isinstance(case, TrainingCase):
            case = replace(case, steps=pair.step)
        sides = specs[pair.one], specs[pair.other]
        tasks.append(Task(case, pair.key.dtype, *sides, request.seed, (), between=True))
    # In one process: these are few, and a second one would import the frameworks again.
    return [t.result for t in run_all(tasks, 1) if isinstance(t.result, CellResult)]


def _checkpoints(request: Request, versions: Mapping[str, str]) -> Checkpoints | None:
    if request.checkpoints is None:
        return None
    folder = os.path.abspath(request.checkpoints)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            "run",
            got=f"the folder {folder} for checkpoints, which cannot be made ({error})",
            needs="a folder that can be written to",
            cause="Is the path right?",
        ) from error
    return Checkpoints(folder, request.checkpoint_every, _circumstances(request, versions))


def _check_checkpoints(tasks: Sequence[Task]) -> None:
    """Refuse checkpoints that are damaged or of another configuration, before anything runs."""
    for task in tasks:
        with suppress(AbsentError):
            kept = checkpoint_of(task)
            if kept is not None:
                kept.load()


def _circumstances(request: Request, versions: Mapping[str, str]) -> dict[str, str]:
    """Return what numbers depend on beside the cell: versions, machine and code, in words."""
    specs = (request.subject, *request.backends)
    modules = sorted({spec.partition(":")[0] for spec in specs if ":" in spec})
    return {
        **{f"version of {name}": v for name, v in versions.items()},
        "platform": f"{platform.system()} {platform.machine()}",
        "CPU features": " ".join(cpu_features()),
        **{f"code of {name}": _digest_of_code(name) for name in ("refnet", "parity", *modules)},
    }


def _digest_of_code(module: str) -> str:
    """Return the SHA-256 of a module's file, or of every source file of a package."""
    path = Path(sys.modules[module].__file__ or "")
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(path.parent)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _versions(request: Request) -> dict[str, str]:
    """Return the versions of Python and of every implementation; names are checked on the way."""
    found: dict[str, Any] = {"python": platform.python_version()}
    for spec in ("refnet", request.subject, *request.backends):
        try:
            found |= adapter(spec).versions()
        except AbsentError as error:
            if spec == request.subject:
                raise SelectionError(
                    "run",
                    got=f"the subject {spec!r}, which is not installed ({error})",
                    needs="a subject that can be run",
                    cause="Is its framework missing from this environment?",
                ) from error
            found[spec] = f"absent: {error}"
        except SelectionError:
            raise
        except Exception as error:  # somebody's own
            found[spec] = f"unknown: {type(error).__name__}"
    return found


def _backend_names(request: Request) -> dict[str, str]:
    """Return the spec of each backend by its name."""
    found: dict[str, str] = {}
    for spec in request.backends:
        name = name_of(spec)
        if name in found:
            raise SelectionError(
                "run",
                got=f"backends {found[name]!r} and {spec!r}, both of the name {name!r}",
                needs="backends of different names",
                cause="Is `name` left out in an adapter of yours, or a backend given twice?",
            )
        found[name] = spec
    return found


def cpu_features() -> list[str]:
    """Return the instruction sets that NumPy uses here."""
    import numpy as np

    simd: Any = np.show_config(mode="dicts")
    extensions = simd.get("SIMD Extensions", {}) if isinstance(simd, dict) else {}
    return [*extensions.get("baseline", []), *extensions.get("found", [])]


def _default_jobs(request: Request, cases: Sequence[AnyCase], dtypes: Sequence[str]) -> int:
    # A second process takes seconds to import a framework: not worth it for a handful of cells.
    cells = sum(d in dtypes for case in cases for d in case.dtypes) * len(request.backends)
    long = cells > 200 or any(isinstance(case, TrainingCase) for case in cases)
    return min(4, os.cpu_count() or 1) if long else 1
