"""``python -m parity.selftest.bounds``: correct runs by the thousand, and none outside its bound.

A bound that correct implementations exceed raises false alarms; one that they never come near
hides bugs. Each operation's and optimizer's cases are run again and again on inputs of ever new
seeds, in every dtype, in refnet and in PyTorch.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import click
from tabulate import tabulate

from parity.backends import adapter
from parity.case import Case, OptimizerCase
from parity.deviations import load
from parity.files import write_whole
from parity.operations import run_operation
from parity.optimizers import run_optimizer
from parity.registry import all_cases
from parity.runner import pin_threads
from refnet.checks import nearest

# Whose ratios the medians are taken of: elsewhere results underflow, overflow or vanish.
USUAL = ("typical", "updates")


class Run(NamedTuple):
    """One case on the inputs of one seed: the shares of its bound that either side used."""

    case: str
    regime: str
    dtype: str
    seed: int
    refnet: float
    torch: float

    @property
    def inside(self) -> bool:
        """Whether both sides are inside the bound."""
        return self.refnet <= 1 and self.torch <= 1


class Observed(NamedTuple):
    """What many runs of an operation showed: the largest ratios, their medians, and who is out."""

    op: str
    runs: int
    refnet: float
    torch: float
    refnet_median: float
    torch_median: float
    outside: tuple[Run, ...]


def cells(op: str) -> list[tuple[Case | OptimizerCase, str]]:
    """Return the cells of an operation or optimizer in which PyTorch is not known to differ."""
    known = [e for e in load() if e.op == op]
    return [
        (case, dtype)
        for case in all_cases()
        if isinstance(case, Case | OptimizerCase) and case.op == op
        for dtype in case.dtypes
        if not any(e.covers(case.id, dtype, "torch") for e in known)
    ]


def generated(op: str, runs: int, seed: int) -> Iterator[Run]:
    """Run an operation's cells in turn, each time on inputs of another seed."""
    refnet, torch = adapter("refnet"), adapter("torch")
    every = cells(op)
    for k in range(runs):
        case, dtype = every[k % len(every)]
        if isinstance(case, Case):
            # One cotangent: every run has another.
            measured = run_operation(case, dtype, refnet, torch, seed + k, 1)
        else:
            measured = run_optimizer(case, dtype, refnet, torch, seed + k)
        ratios = measured.actual.ratio, measured.other.ratio
        yield Run(case.id, case.regime, dtype, seed + k, *ratios)


def observe(op: str, runs: int, seed: int) -> Observed:
    """Return what ``runs`` runs of an operation show."""
    found = list(generated(op, runs, seed))
    usual = [r for r in found if r.regime in USUAL]
    return Observed(
        op,
        runs,
        max(r.refnet for r in found),
        max(r.torch for r in found),
        _median([r.refnet for r in usual]),
        _median([r.torch for r in usual]),
        tuple(r for r in found if not r.inside),
    )


def _median(ratios: Sequence[float]) -> float:
    """Return the median, or NaN where a few runs came to no typical input."""
    return statistics.median(ratios) if ratios else math.nan


@click.command()
@click.argument("ops", nargs=-1)
@click.option("--runs", type=click.IntRange(1), default=10_000, help="Runs of each operation.")
@click.option("--seed", type=click.IntRange(0), default=1_000_000, help="That of the first run.")
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it there; with OPS, their rows.",
)
def main(ops: Sequence[str], runs: int, seed: int, jobs: int, out: Path | None) -> None:
    """Run OPS (every operation and optimizer by default) and hold each run to its bound."""
    known = {c.op for c in all_cases() if isinstance(c, Case | OptimizerCase)}
    for op in ops:
        if op not in known:
            message = f"{op!r} is no operation or optimizer that has cases. {nearest(op, known)}"
            raise click.BadParameter(message, param_hint="OPS")
    every = ops or sorted(known)
    found = []
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=pin_threads) as pool:
        for done in pool.map(partial(observe, runs=runs, seed=seed), every):
            found.append(done)
            for run in done.outside:
                click.echo(f"outside: {run}", err=True)
            click.echo(f"{done.op}: refnet {done.refnet:.3g}, torch {done.torch:.3g}", err=True)
    rows = {f.op: row(f) for f in found}
    if out is None:
        click.echo(report(rows, runs))
    else:
        if ops and out.exists():  # the others stay as they are
            rows = {**written(out.read_text("utf-8")), **rows}
        write_whole(out, f"{report(rows, runs)}\n")
    sys.exit(1 if any(f.outside for f in found) else 0)


def row(f: Observed) -> list[str]:
    """Return an operation's row of the table."""
    ratios = f"{f.refnet:.3g}", f"{f.torch:.3g}"
    medians = f"{f.refnet_median:.2g}", f"{f.torch_median:.2g}"
    return [f.op, *ratios, *medians, str(len(f.outside))]


def written(text: str) -> dict[str, list[str]]:
    """Return the rows of a report that was written before, by operation."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return {cells[0]: cells for cells in rows}


def report(rows: Mapping[str, list[str]], runs: int) -> str:
    """Return the table with what it shows, as Markdown."""
    outside = sum(int(cells[-1]) for cells in rows.values())
    ordered = sorted(rows.values(), key=lambda r: (-max(float(r[1]), float(r[2])), r[0]))
    names = [
        "operation",
        "refnet: largest",
        "torch: largest",
        "refnet: median",
        "torch: median",
        "outside",
    ]
    return f"""\
# Bounds and correct runs: {outside} of {runs * len(rows):,} outside

The cases of each operation and optimizer, in every dtype, on inputs of {runs:,} seeds, in
refnet and in PyTorch; cells of the register, in which PyTorch is known to differ, are left out. A
ratio is a run's largest error as a share of its bound: above 1 would be a false alarm. The medians
are those of the runs of typical inputs and of updates; a bound that correct runs never come near
would let bugs through. Copies and choices have the bound 0 and are exact.

{tabulate(ordered, headers=names, tablefmt="github", disable_numparse=True)}

Written by `python -m parity.selftest.bounds --out FILE`."""


if __name__ == "__main__":
    main()
