"""Run the cells of a selection, in one process or several, with the same results."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import NamedTuple

from parity.backends import AbsentError, adapter
from parity.case import AnyCase, Case, InitializerCase, OptimizerCase
from parity.cells import cell
from parity.deviations import Entry
from parity.initializers import run_initializer
from parity.operations import run_operation
from parity.optimizers import run_optimizer
from parity.result import CellResult, Status, TrainingResult

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

AnyResult = CellResult | TrainingResult


class Task(NamedTuple):
    """One cell to run: a case in a dtype, subject against backend."""

    case: AnyCase
    dtype: str
    subject: str
    backend: str
    seed: int
    entries: tuple[Entry, ...]


class Timed(NamedTuple):
    """A result, and how long it took; the time is kept out of the report."""

    result: AnyResult
    seconds: float


def run_all(
    tasks: Sequence[Task], jobs: int, done: Callable[[Timed], None] = lambda _: None
) -> list[Timed]:
    """Run every task and return the results in the order of the tasks, whatever ``jobs`` is.

    Every process computes in one thread. A worker that dies takes the cells that it had with it:
    they come back as errors.
    """
    if jobs == 1 or len(tasks) < 2:
        with single_threaded():
            found = []
            for task in tasks:
                found.append(_timed(task))
                done(found[-1])
            return found
    return list(_in_processes(tasks, jobs, done))


class single_threaded:  # noqa: N801  # a context manager, named like one
    """Hold BLAS and OpenMP to one thread in this process."""

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        self._limits = threadpool_limits(1)

    def __exit__(self, *_: object) -> None:
        self._limits.unregister()


def _in_processes(
    tasks: Sequence[Task], jobs: int, done: Callable[[Timed], None]
) -> Iterator[Timed]:
    # Long ones first, so that no worker is left with one at the end.
    order = sorted(range(len(tasks)), key=lambda i: isinstance(tasks[i].case, Case))
    results: dict[int, Timed] = {}
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_pin_threads
    ) as pool:
        futures = {pool.submit(_timed, tasks[i]): i for i in order}
        for future in as_completed(futures):
            i = futures[future]
            try:
                results[i] = future.result()
            except BrokenProcessPool:
                results[i] = Timed(_failed(tasks[i], "the worker process died"), 0.0)
            done(results[i])
    return (results[i] for i in range(len(tasks)))


def _pin_threads() -> None:
    for variable in THREAD_VARIABLES:
        os.environ[variable] = "1"
    single_threaded().__enter__()


def _timed(task: Task) -> Timed:
    start = time.perf_counter()
    return Timed(_run(task), time.perf_counter() - start)


def _run(task: Task) -> AnyResult:
    case, dtype, seed = task.case, task.dtype, task.seed
    subject = adapter(task.subject)
    try:
        backend = adapter(task.backend)
    except AbsentError as error:
        return _failed(task, str(error), Status.ABSENT)
    args = (dtype, subject, backend, seed)
    match case:
        case Case():
            return cell(
                case, dtype, subject, backend, task.entries, lambda: run_operation(case, *args)
            )
        case InitializerCase():
            return cell(
                case, dtype, subject, backend, task.entries, lambda: run_initializer(case, *args)
            )
        case OptimizerCase():
            return cell(
                case, dtype, subject, backend, task.entries, lambda: run_optimizer(case, *args)
            )
        case _:
            from parity.trajectory import run_training

            return run_training(case, *args)


def _failed(task: Task, reason: str, status: Status = Status.ERROR) -> CellResult:
    return CellResult(
        case=task.case.id,
        op=task.case.op,
        regime=task.case.regime,
        dtype=task.dtype,
        subject=task.subject,
        backend=task.backend,
        status=status,
        reason=reason,
    )
