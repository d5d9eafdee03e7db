"""``python -m benchmarks``: refnet beside PyTorch, with 1 and with 2 threads, as ratios."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tabulate import tabulate

THREADS = (1, 2)
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Measure each number of threads in a process of its own, and print one table."""
    rows = []
    for threads in THREADS:
        pinned = {**os.environ, **dict.fromkeys(VARIABLES, str(threads))}
        command = [sys.executable, "-m", "benchmarks", "--measure", str(threads)]
        done = subprocess.run(command, env=pinned, check=True, capture_output=True, text=True)
        rows += json.loads(done.stdout)
    headers = ["training step, float32", "threads", "refnet", "PyTorch", "ratio", "at most"]
    print(tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True))
    print("\nMedians of 25 alternating repetitions; the ratio is the median of the pairs' ratios.")


def measure(threads: int) -> None:
    """Print this process's rows as JSON; the environment has pinned its threads already."""
    import torch

    from benchmarks.training_step import NETWORKS
    from benchmarks.training_step import measure as timed

    torch.set_num_threads(threads)
    rows = []
    for network in NETWORKS:
        t = timed(network)
        rows.append(
            [
                network.name,
                str(threads),
                f"{t.refnet * 1e6:,.0f} us",
                f"{t.torch * 1e6:,.0f} us",
                f"{t.ratio:.2f}",
                f"{network.at_most:.2f}",
            ]
        )
    print(json.dumps(rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
    else:
        main()
