"""``python -m benchmarks [NAME...]``: refnet beside others, as ratios, each in one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module

from tabulate import tabulate

# Module -> numbers of threads to measure with.
THREADS = {
    "training_step": (1, 2),
    "optimizers": (1,),
    "convolution": (1,),
    "pooling": (1,),
    "batch_norm": (1,),
    "recurrent": (1,),
    "static_graph": (1,),
}
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(names: list[str]) -> None:
    """Measure each module in a process of its own for each number of threads; print one table."""
    table = []
    for name in names or THREADS:
        for threads in THREADS.get(name, ()):
            rows = _in_a_process(name, threads)
            table += [[row[0], str(threads), *row[1:]] for row in rows]
    if table:
        headers = ["float32", "threads", "beside", "refnet", "other", "ratio", "at most"]
        print(tabulate(table, headers=headers, tablefmt="github", disable_numparse=True))
        print("\nMedians of 15 alternating repetitions; the ratio is the median of the pairs'.")
    if not names or "memory" in names:
        headers = ["peak memory", "peak", "x + y + window buffer", "ratio", "at most"]
        rows = _in_a_process("memory", 1)
        print("\n" + tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True))


def _in_a_process(name: str, threads: int) -> list[list[str]]:
    pinned = {**os.environ, **dict.fromkeys(VARIABLES, str(threads))}
    command = [sys.executable, "-m", "benchmarks", "--measure", name, str(threads)]
    done = subprocess.run(command, env=pinned, check=True, stdout=subprocess.PIPE, text=True)
    return [list(row) for row in json.loads(done.stdout)]


def measured(name: str, threads: int) -> list[list[str]]:
    """Return this process's rows; the environment has pinned its threads already."""
    module = import_module(f"benchmarks.{name}")
    if name == "memory":
        return list(module.rows())
    import torch

    from benchmarks.side_by_side import measure, rows

    torch.set_num_threads(threads)
    return rows([measure(c) for c in module.comparisons()])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(sys.argv[2], int(sys.argv[3]))))
    else:
        main(sys.argv[1:])
