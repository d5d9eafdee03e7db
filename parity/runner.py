"""Run the cells of a selection, in one process or several, with the same results."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import current_process, get_context
from typing import Any, NamedTuple, Self, TypeAlias

from parity.backends import AbsentError, adapter, name_of
from parity.between import run_between
from parity.case import AnyCase, Case, InitializerCase, OptimizerCase, TrainingCase
from parity.cells import Measured, cell
from parity.deviations import Entry
from parity.initializers import run_initializer
from parity.operations import run_operation
from parity.optimizers import run_optimizer
from parity.result import AnyResult, CellResult, Status
from parity.trajectory import run_training
from parity.trajectory.checkpoint import Checkpoint, Checkpoints

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# So many workers that die one after the other, none of them after a cell, and the rest is given up:
# it is not the cells, then.
DEATHS = 3
CHUNK = 40  # units of progress to a chunk, at most; a training run is a chunk of its own
SHARES = 4  # chunks for each process, at least
COUNTS = 1024  # processes that count their progress each by itself


class Task(NamedTuple):
    """One cell to run: a case in a dtype, subject against backend.

    With ``between`` the two are measured against one another, without an oracle.
    """

    case: AnyCase
    dtype: str
    subject: str
    backend: str
    seed: int
    entries: tuple[Entry, ...]
    checkpoints: Checkpoints | None = None
    between: bool = False


Chunk: TypeAlias = list[tuple[int, Task]]  # tasks for one worker, by their numbers


class Timed(NamedTuple):
    """A result, and how long it took; the time is kept out of the report."""

    result: AnyResult
    seconds: float


def effort(task: Task) -> int:
    """Return how many units of progress a task is: its training steps, or 1."""
    case = task.case
    return case.steps + case.free_steps if isinstance(case, TrainingCase) else 1


def run_all(
    tasks: Sequence[Task],
    jobs: int,
    progress: Callable[[int], None] = lambda _: None,
    done: Callable[[int, Timed], None] = lambda i, result: None,  # noqa: ARG005
    workers: Workers | None = None,
) -> list[Timed]:
    """Run every task and return the results in the order of the tasks, whatever ``jobs`` is.

    Every process computes in one thread. A worker that dies takes the cells that it had with it:
    they come back as errors. ``progress`` hears, now and then, how many more units are done, and
    ``done`` each result with the number of its task, soon after it is there. ``workers`` are those
    that were started for this already.
    """
    # Somebody's own code may take its process down; it gets one of its own.
    foreign = any(":" in spec for task in tasks for spec in (task.subject, task.backend))
    if (jobs == 1 or len(tasks) < 2) and not foreign:
        found = []
        with single_threaded():
            for i, task in enumerate(tasks):
                found.append(timed(task, lambda: progress(1)))
                done(i, found[-1])
        return found
    return _in_processes(tasks, min(jobs, len(tasks)), progress, done, workers)


class single_threaded:  # noqa: N801  # a context manager, named like one
    """Hold BLAS and OpenMP to one thread in this process."""

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        self._limits = threadpool_limits(1)

    def __exit__(self, *_: object) -> None:
        self._limits.unregister()


def _in_processes(
    tasks: Sequence[Task],
    jobs: int,
    progress: Callable[[int], None],
    done: Callable[[int, Timed], None],
    started: Workers | None,
) -> list[Timed]:
    todo = list(range(len(tasks)))
    found: dict[int, Timed] = {}
    deaths = 0  # in a row, without a cell between them
    while todo:
        # A single worker has each by itself, so that it is known which one it died of.
        rest = {i: tasks[i] for i in todo}
        share = sum(map(effort, rest.values())) // (SHARES * jobs)
        parts = chunks(rest, max(1, min(CHUNK, share)) if jobs > 1 else 1)
        with started or Workers(jobs) as workers:
            more = _in_a_pool(workers, parts, progress, done)
        started = None
        todo = [i for part in parts for i, _ in part if i not in more]
        found |= more
        if todo:
            # A worker died. From here on one worker takes the cells in order, so that it is known
            # which cell it died of: the first that is not done.
            deaths = 0 if jobs == 1 and more else deaths + 1
            culprits = todo[:1] if jobs == 1 else []
            if deaths > DEATHS:
                culprits = todo
            for i in culprits:
                found[i] = Timed(failed(tasks[i], "the worker process died"), 0.0)
                done(i, found[i])
            todo = todo[len(culprits) :]
            jobs = 1
    return [found[i] for i in range(len(tasks))]


class Workers:
    """Processes that run chunks; a context manager, which ends them.

    They are started at once, and import the adapters of ``specs`` while this process does so.
    """

    def __init__(self, jobs: int, specs: Sequence[str] = ()) -> None:
        context = get_context("spawn")
        # No lock: one who is killed with it in his hands would stop all others.
        self._counts = context.RawArray("Q", COUNTS)
        self.pool = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_start_worker, initargs=(self._counts, specs)
        )
        if specs:
            for _ in range(jobs):
                self.pool.submit(os.getpid)  # a process each, for none is idle yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # There is nothing that they have to end. If one was killed with the lock of the queue in
        # its hands, the others would wait for it for ever, and whoever joins them as well.
        processes = [*(self.pool._processes or {}).values()]
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        self.pool.shutdown()

    def counted(self) -> int:
        """Return how many units of progress all of them have done."""
        return sum(self._counts)


def chunks(tasks: Mapping[int, Task], size: int = CHUNK) -> list[Chunk]:
    """Return tasks in chunks for one worker each, the longest first.

    So no worker is left with a long one at the end.
    """
    found: list[Chunk] = []
    filled = size
    for i, task in sorted(tasks.items(), key=lambda item: (-effort(item[1]), item[0])):
        if filled + effort(task) > size:
            found.append([])
            filled = 0
        found[-1].append((i, task))
        filled += effort(task)
    return found


def _in_a_pool(
    workers: Workers,
    parts: Sequence[Chunk],
    progress: Callable[[int], None],
    done: Callable[[int, Timed], None],
) -> dict[int, Timed]:
    """Run chunks in processes, and return what was done before one of them died, if any."""
    seen = 0
    found: dict[int, Timed] = {}
    # With the first that is broken the others are, too.
    with suppress(BrokenProcessPool):
        pending = {workers.pool.submit(_run_in_worker, part) for part in parts}
        while pending:
            ready, pending = wait(pending, timeout=0.2)
            for future in ready:
                with suppress(BrokenProcessPool):
                    for i, result in future.result():
                        found[i] = result
                        done(i, result)
            now = workers.counted()
            progress(now - seen)
            seen = now
    return found


_counts: Any = None  # of a worker process: the units that each of them has done


def _start_worker(counts: Any, specs: Sequence[str]) -> None:
    global _counts
    _counts = counts
    for spec in specs:
        with suppress(Exception):  # its cells will say why
            adapter(spec)
    pin_threads()


def pin_threads() -> None:
    """Hold BLAS and OpenMP to one thread for the rest of this (worker) process."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = "1"
    single_threaded().__enter__()


def _run_in_worker(part: Chunk) -> list[tuple[int, Timed]]:
    # The processes of a pool are numbered in turn, in their names.
    mine = int(current_process().name.rpartition("-")[2]) % COUNTS

    def tick() -> None:
        _counts[mine] += 1

    return [(i, timed(task, tick)) for i, task in part]


def timed(task: Task, tick: Callable[[], None]) -> Timed:
    """Run one task here; ``tick`` hears of each unit of progress."""
    start = time.perf_counter()
    result = _run(task, tick)
    if not isinstance(task.case, TrainingCase):
        tick()
    return Timed(result, time.perf_counter() - start)


def _run(task: Task, tick: Callable[[], None]) -> AnyResult:
    case, dtype, seed = task.case, task.dtype, task.seed
    subject = adapter(task.subject)
    try:
        backend = adapter(task.backend)
    except AbsentError as error:
        return failed(task, str(error), Status.ABSENT)
    args = (dtype, subject, backend, seed)
    if task.between:
        return run_between(case, *args)
    run: Callable[[], Measured]
    match case:
        case TrainingCase():
            return run_training(case, *args, tick, checkpoint_of(task))
        case Case():
            run = partial(run_operation, case, *args)
        case InitializerCase():
            run = partial(run_initializer, case, *args)
        case OptimizerCase():
            run = partial(run_optimizer, case, *args)
    return cell(case, dtype, subject, backend, task.entries, run)


def checkpoint_of(task: Task) -> Checkpoint | None:
    """Return the checkpoint of a training run, or None if none is kept.

    Raises
    ------
    AbsentError
        If the backend is not installed.
    """
    if task.checkpoints is None or not isinstance(task.case, TrainingCase):
        return None
    names = adapter(task.subject).name, adapter(task.backend).name
    return Checkpoint(task.checkpoints, task.case, task.dtype, *names, task.seed)


def failed(task: Task, reason: str, status: Status = Status.ERROR) -> CellResult:
    """Return the result of a task that could not be run."""
    return CellResult(
        case=task.case.id,
        op=task.case.op,
        regime=task.case.regime,
        dtype=task.dtype,
        subject=name_of(task.subject),
        backend=name_of(task.backend),
        status=status,
        reason=reason,
    )
