"""``python -m parity.trajectory.calibrate``: what the lockstep limit rests on.

Correct runs of PyTorch against refnet, over seeds and learning rates, show how large the lockstep
ratio gets by rounding alone. The largest values follow a power law; its exponent (Hill 1975) gives
the ratio that one comparison in 10^11 exceeds, which is one false alarm in ten million gating runs
of 10,000 comparisons. The limit is the next power of two above it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from tabulate import tabulate

from parity.backends import adapter
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.registry import select
from parity.runner import single_threaded
from parity.trajectory.data import load
from parity.trajectory.lockstep import LIMIT, Sides, lockstep
from parity.trajectory.run import batches_of, initial_params, trainer
from parity.trajectory.twins import TwinError

RATES = (1.0, 3.0)  # times a case's own learning rate
TAIL = 1e-3  # share of the comparisons that the power law is fitted to
CHANCE = 1e-11


class Sample(NamedTuple):
    """The ratios of one case in one dtype at one multiple of its learning rate."""

    case: str
    dtype: str
    rate: float
    runs: int
    diverged: int  # runs that left the finite numbers, judged up to there
    ratios: list[float]
    worst: list[float]  # of each run


def sample(case: TrainingCase, dtype: str, rate: float, seeds: range, steps: int) -> Sample:
    """Return the lockstep ratios of PyTorch in correct runs of a case."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    options = {**case.optimizer_options, "lr": rate * case.optimizer_options["lr"]}
    changed = replace(case, optimizer_options=options)
    data = load(case.data)
    torch = adapter("torch")
    ratios: list[float] = []
    worst: list[float] = []
    diverged = 0
    for seed in seeds:
        params = initial_params(changed, data, dtype, seed)
        plain = trainer(changed, None)
        sides = Sides(plain, plain, plain, trainer(changed, torch))
        batches = batches_of(case, data, seed)
        key = f"{seed}|{case.id}|{dtype}|calibration"
        found = [0.0]
        try:
            for r in lockstep(sides, params, batches, dtype, wide, key, steps):
                found.append(r.backend)
        except TwinError:
            diverged += 1
        ratios += found[1:]
        worst.append(max(found))
    return Sample(case.id, dtype, rate, len(seeds), diverged, ratios, worst)


def exceeded_by_chance(ratios: list[float], chance: float) -> tuple[float, float]:
    """Return the tail's exponent by Hill's estimator, and the ratio exceeded with ``chance``.

    Examples
    --------
    >>> u = (np.arange(100_000) + 0.5) / 100_000
    >>> exponent, reached = exceeded_by_chance(list(u ** (-1 / 4)), 1e-8)  # P(r > x) = x^-4
    >>> round(exponent, 1), round(reached)
    (4.0, 100)
    """
    ordered = np.sort(np.array(ratios))[::-1]
    k = max(10, int(TAIL * len(ordered)))
    start = ordered[k]
    exponent = k / float(np.log(ordered[:k] / start).sum())
    return exponent, float(start * (chance * len(ordered) / k) ** (-1 / exponent))


def report(samples: list[Sample], seeds: range, steps: int) -> str:
    """Return the table and what follows from it, as Markdown."""
    rows = [
        [
            s.case,
            s.dtype,
            f"x {s.rate:g}",
            f"{s.runs} ({s.diverged} diverged)" if s.diverged else str(s.runs),
            f"{len(s.ratios):,}",
            f"{float(np.median(s.worst)):.2f}",
            f"{max(s.worst):.2f}",
        ]
        for s in samples
    ]
    every = [r for s in samples for r in s.ratios]
    finite = [r for r in every if math.isfinite(r)]
    exponent, reached = exceeded_by_chance(finite, CHANCE)
    names = ["run", "dtype", "lr", "runs", "comparisons", "median worst ratio", "largest ratio"]
    table = tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)
    verdict = "which is above it" if reached <= LIMIT else "which is TOO LOW"
    power = f"10^{math.log10(CHANCE):.0f}"
    return f"""\
# Calibration of the lockstep limit

Correct runs of PyTorch against refnet: how far a step's tensors are from the oracle, on the scale
of refnet's plain step and its twins. Seeds {seeds.start} to {seeds.stop - 1}, {steps} steps each,
one thread.

{table}

Of {len(every):,} comparisons {len(every) - len(finite)} were not finite. The largest ratio is
{max(finite):.2f}. The largest {TAIL:.1%} follow a power law of exponent {exponent:.1f}, by which a
comparison exceeds {reached:.1f} with a chance of {power}. The limit in force is {LIMIT:g},
{verdict}.

Written by `python -m parity.trajectory.calibrate --out FILE` with
`--seeds {seeds.start}:{seeds.stop} --steps {steps}`.
"""


@click.command()
@click.option("--seeds", default="1000:1020", show_default=True, help="First, and one past last.")
@click.option("--steps", default=100, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(seeds: str, steps: int, out: Path | None) -> None:
    """Measure the lockstep ratio of correct runs and derive the limit."""
    first, _, last = seeds.partition(":")
    chosen = range(int(first), int(last))
    cases = [c for c in select([]) if isinstance(c, TrainingCase)]
    with single_threaded(), np.errstate(all="ignore"):
        samples = [
            sample(case, dtype, rate, chosen, steps)
            for case in cases
            for dtype in case.dtypes
            for rate in RATES
        ]
    text = report(samples, chosen, steps)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, "utf-8")
        click.echo(f"wrote {out}")


if __name__ == "__main__":
    main()
