"""``python -m benchmarks.throughput [SELECTOR...]``: how many cells parity runs, and how soon.

Three figures: cells per second of one processor (forward and VJP, both sides and the oracle), the
time to the first result, and how much faster two processes are than one. The first two are given in
processor time as well, which others on the machine have less of a part in.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.__main__ import VARIABLES
from parity.backends import adapter
from parity.run import Request, plan
from parity.runner import run_all

CELLS_PER_SECOND = 300
FIRST_RESULT = 3.0  # seconds
TWO_JOBS = 1.7
REPETITIONS = 3


class Spent(NamedTuple):
    """Seconds on the clock, and of processors."""

    wall: float
    processor: float


def cells_per_second(selectors: Sequence[str]) -> tuple[int, Spent]:
    """Return how many cells a selection has, and what running them in this process takes."""
    planned = plan(Request(tuple(selectors), jobs=1))
    adapter("torch")
    run_all(planned.tasks[:: max(len(planned.tasks) // 50, 1)], 1)  # imports of the first calls
    wall, processor = time.perf_counter(), time.process_time()
    run_all(planned.tasks, 1)
    spent = Spent(time.perf_counter() - wall, time.process_time() - processor)
    return len(planned.tasks), spent


def command(*args: str) -> Spent:
    """Return what a run of the command takes."""
    environment = {**os.environ, **dict.fromkeys(VARIABLES, "1")}
    with TemporaryDirectory() as out:
        asked = [sys.executable, "-m", "parity", "run", *args, "--out", out, "-q"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(asked, env=environment, check=True, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, used)


def least(spent: Sequence[Spent]) -> Spent:
    """Return the least of each."""
    return Spent(min(s.wall for s in spent), min(s.processor for s in spent))


def main(selectors: Sequence[str]) -> None:
    """Print the three figures beside what the project promises."""
    n, whole = cells_per_second(selectors)
    print(
        f"{n / whole.processor:,.0f} cells a second of one processor, {n / whole.wall:,.0f} on the "
        f"clock ({n:,} cells; at least {CELLS_PER_SECOND})"
    )
    one = ("relu/typical", "--dtype", "float32", "--jobs", "1")
    first = least([command(*one) for _ in range(REPETITIONS)])
    print(
        f"{first.wall:.1f} s from start to first result, {first.processor:.1f} s of processors "
        f"(less than {FIRST_RESULT:g})"
    )
    jobs = {
        k: least([command(*selectors, "--jobs", str(k)) for _ in range(REPETITIONS)])
        for k in (1, 2)
    }
    print(
        f"{jobs[1].wall / jobs[2].wall:.2f} times as fast in two processes: {jobs[1].wall:.1f} s "
        f"and {jobs[2].wall:.1f} s (at least {TWO_JOBS:g}); of processors "
        f"{jobs[1].processor:.1f} s and {jobs[2].processor:.1f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:] or ["operations"])
