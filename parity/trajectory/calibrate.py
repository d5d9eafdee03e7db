"""``python -m parity.trajectory.calibrate``: what the lockstep limit rests on.

Correct runs of PyTorch against refnet, of every model under every optimizer, at one and three times
the learning rate, in one thread and in two, show how large the lockstep ratio gets by rounding
alone. The largest values follow a power law; its exponent (Hill 1975) gives the ratio that one
comparison in 10^11 exceeds, which is one false alarm in 300,000 gating runs of 300,000 comparisons.
The limit is the next power of two above it. Runs of other seeds, which it has not seen, then show
how many false alarms it raises, and runs with bugs which of them it misses. Seeds whose runs have
been looked into, to mend the twins or the limit, are held out no more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from tabulate import tabulate

from parity.backends import adapter
from parity.backends.base import Array
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.registry import select
from parity.selftest.training import SLIPS, Caught, caught
from parity.trajectory.data import load
from parity.trajectory.lockstep import LIMIT, Ratio, Sides, lockstep
from parity.trajectory.run import batches_of, initial_params, trainer
from parity.trajectory.twins import TwinError
from refnet.optimizers.schedules import schedule_from_spec

RATES = (1.0, 3.0)  # times a case's own learning rate
THREADS = (1, 2)
TAIL = 1e-3  # share of the comparisons that the power law is fitted to
CHANCE = 1e-11
SPENT = range(2000, 2200)  # held out until one of them showed what the twins did not move
# Batches and layers large enough for PyTorch and BLAS to share them among threads.
WIDE = TrainingCase(
    "dfn",
    "wide",
    model={"hidden": 300, "classes": 10},
    optimizer="adam",
    optimizer_options={"lr": 0.003},
    data="digits",
    gain=0.2,
    batch_size=400,
)


class Run(NamedTuple):
    """One training run: a case in a dtype, at a multiple of its learning rate, from a seed."""

    case: TrainingCase
    dtype: str
    rate: float
    threads: int
    seed: int


class Measured(NamedTuple):
    """What a run showed: the ratio of every tensor at every step, and where it was largest.

    One that left the finite numbers has ``diverged`` and is judged up to there.
    """

    run: Run
    ratios: Array
    worst: str
    diverged: bool


def plan(cases: Sequence[TrainingCase], seeds: Sequence[int], each: int) -> list[Run]:
    """Return ``each`` runs of every combination; the seeds are dealt out among them in turn."""
    every = [
        (case, dtype, rate, threads)
        for case in cases
        for dtype, rate, threads in product(case.dtypes, RATES, THREADS)
    ]
    count = len(every) * each
    if count < len(seeds):
        raise click.UsageError(f"{count} runs cannot use {len(seeds)} seeds; take more of --runs")
    return [Run(*every[i // each], seeds[i % len(seeds)]) for i in range(count)]


def measured(run: Run, steps: int) -> Measured:
    """Return the lockstep ratios of PyTorch in a correct run."""
    from threadpoolctl import threadpool_limits

    torch: Any = adapter("torch")
    dtype, seed = run.dtype, run.seed
    wide = oracle_dtype(dtype)
    assert wide is not None
    options = dict(run.case.optimizer_options)
    case = replace(run.case, optimizer_options={**options, "lr": _faster(options["lr"], run.rate)})
    data = load(case.data)
    params = initial_params(case, data, dtype, seed)
    plain = trainer(case, None)
    sides = Sides(plain, plain, plain, trainer(case, torch))
    batches = batches_of(case, data, seed)
    key = f"{seed}|{case.id}|{dtype}|calibration"
    found: list[Ratio] = []
    diverged = False
    torch.torch.set_num_threads(run.threads)
    with threadpool_limits(run.threads), np.errstate(all="ignore"):
        try:
            # Before the first step there is no rounding.
            ratios = lockstep(sides, params, batches, dtype, wide, key, steps)
            found.extend(r for r in ratios if r.step)
        except TwinError:
            diverged = True
    torch.torch.set_num_threads(1)
    worst = max(found, key=lambda r: r.backend, default=None)
    where = f"{worst.tensor} at step {worst.step}" if worst else ""
    return Measured(run, np.array([r.backend for r in found]), where, diverged)


def _faster(lr: Any, rate: float) -> Any:
    """Return a learning rate, or a schedule's spec, multiplied."""
    if not isinstance(lr, str):
        return rate * lr
    schedule: Any = schedule_from_spec(lr)
    return str(replace(schedule, lr=rate * schedule.lr))


def exceeded_by_chance(ratios: Iterable[float], chance: float) -> tuple[float, float]:
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


def report(seen: list[Measured], held_out: list[Measured], bugs: list[Caught], command: str) -> str:
    """Return the tables and what follows from them, as Markdown."""
    every = np.concatenate([m.ratios for m in seen])
    exponent, reached = exceeded_by_chance(every[np.isfinite(every)], CHANCE)
    power = f"10^{math.log10(CHANCE):.0f}"
    verdict = "which is above it" if reached <= LIMIT else "which is TOO LOW"
    alarms = [m for m in held_out if _alarms(m)]
    unseen = np.concatenate([m.ratios for m in held_out])
    missed = [c for c in bugs if not c.there]
    return f"""\
# Calibration of the lockstep limit

Correct runs of PyTorch against refnet: how far a step's tensors are from the oracle, on the scale
of refnet's plain step and its twins. Each model under each optimizer, in each dtype, at one and
three times its learning rate, in one thread and in two; `dfn/wide` is large enough for two threads
to share its products and its exponentials. A run that leaves the finite numbers is judged up to
there.

## The limit

{len(seen):,} runs of {_seeds(seen)}, {len(every):,} comparisons of a tensor at a step, of which
{int((~np.isfinite(every)).sum())} were not finite. The largest ratio is
{_largest(seen)}.
The largest {TAIL:.1%} follow a power law of exponent {exponent:.1f}, by which a comparison exceeds
{reached:.1f} with a chance of {power}. The limit in force is {LIMIT:g}, {verdict}.

## False alarms

{len(held_out):,} runs of {_seeds(held_out)}, which the limit has not seen, {len(unseen):,}
comparisons: **{sum(map(_alarms, held_out))} above the limit, in {len(alarms)} runs.** The largest
ratio is {_largest(held_out)}.

{_by_circumstances(seen, held_out)}

{_by_case(seen, held_out)}

Seeds {SPENT.start} to {SPENT.stop - 1} were held out before these. A false alarm in one of their
runs showed what the twins did not move then ([the decision](decisions/0003-lockstep.md)), so that
they are spent.

## Misses

{len(bugs)} runs of refnet with a bug in its training beside PyTorch without it, from seeds that the
limit has not seen. {len(bugs) - len(missed)} were caught at the step and in the tensor in which the
bug first acts. {_misses(missed, bugs)}

Written by `{command}`.
"""


def _alarms(m: Measured) -> int:
    return int((~(m.ratios <= LIMIT)).sum())


def _top(every: Iterable[Measured]) -> float:
    return max((float(m.ratios.max(initial=0)) for m in every), default=0.0)


def _seeds(every: Sequence[Measured]) -> str:
    seeds = sorted({m.run.seed for m in every})
    return f"{len(seeds)} seeds ({seeds[0]} to {seeds[-1]})"


def _largest(every: Sequence[Measured]) -> str:
    """Return the largest ratio and where it is, in words."""
    found = max(every, key=lambda m: m.ratios.max(initial=0))
    run = found.run
    threads = "one thread" if run.threads == 1 else f"{run.threads} threads"
    called = f"{run.case.id} in {run.dtype}, lr x {run.rate:g}, {threads}, seed {run.seed}"
    return f"{_top([found]):.2f}, in {called}: {found.worst}"


def _by_circumstances(seen: list[Measured], held_out: list[Measured]) -> str:
    rows = []
    for key in product(("float32", "float64"), RATES, THREADS):
        both = [[m for m in part if m.run[1:4] == key] for part in (seen, held_out)]
        ran = both[0] + both[1]
        if not ran:
            continue
        dtype, rate, threads = key
        rows.append(
            [
                dtype,
                f"x {rate:g}",
                str(threads),
                f"{len(ran):,}",
                str(sum(m.diverged for m in ran)),
                f"{sum(len(m.ratios) for m in ran):,}",
                f"{float(np.median([m.ratios.max(initial=0) for m in ran])):.2f}",
                *(f"{_top(part):.2f}" for part in both),
                str(sum(map(_alarms, both[1]))),
            ]
        )
    names = ["dtype", "lr", "threads", "runs", "diverged", "comparisons", "median worst ratio"]
    return _table(rows, [*names, "largest, seen", "largest, held out", "false alarms"])


def _by_case(seen: list[Measured], held_out: list[Measured]) -> str:
    rows = []
    for case in sorted({m.run.case.id for m in seen + held_out}):
        ran = [m for m in seen + held_out if m.run.case.id == case]
        worst = max(ran, key=lambda m: m.ratios.max(initial=0))
        rows.append(
            [
                case,
                str(len(ran)),
                str(sum(m.diverged for m in ran)),
                f"{sum(len(m.ratios) for m in ran):,}",
                *(f"{_top(m for m in ran if m.run.rate == rate):.2f}" for rate in RATES),
                worst.worst,
            ]
        )
    rates = [f"largest, lr x {rate:g}" for rate in RATES]
    return _table(rows, ["run", "runs", "diverged", "comparisons", *rates, "where"])


def _misses(missed: list[Caught], bugs: list[Caught]) -> str:
    if not missed:
        return "None was missed."
    rows = [[c.slip.id, c.dtype, c.place, f"{float(c.worst):.3g}"] for c in missed]
    names = ["bug", "dtype", "first apart at", "largest ratio"]
    counts = []
    for bug in dict.fromkeys(c.slip.id for c in missed):
        runs = Counter(c.dtype for c in bugs if c.slip.id == bug)
        noticed = Counter(c.dtype for c in bugs if c.slip.id == bug and c.there)
        shares = (f"{noticed[dtype]} of {n} runs in {dtype}" for dtype, n in runs.items())
        counts.append(f"`{bug}` is caught in {' and '.join(shares)}.")
    return f"{len(missed)} were not:\n\n{_table(rows, names)}\n\n" + "\n".join(counts)


def _table(rows: list[list[str]], names: list[str]) -> str:
    return str(tabulate(rows, headers=names, tablefmt="github", disable_numparse=True))


def _heard(every: Iterable[Measured], total: int) -> Iterator[Measured]:
    """Pass runs on and say now and then how many there were."""
    for done, m in enumerate(every, start=1):
        if done % 100 == 0 or done == total:
            click.echo(f"{done:,} of {total:,} runs", err=True)
        yield m


def _seed_range(_: Any, __: Any, value: str) -> range:
    first, _, last = value.partition(":")
    try:
        found = range(int(first), int(last))
    except ValueError:
        found = range(0)
    if not found:
        raise click.BadParameter(f"{value!r}; give the first and one past the last, as 1000:1010")
    return found


@click.command()
@click.argument("selectors", nargs=-1)
@click.option("--seeds", callback=_seed_range, default="1000:1010", show_default=True)
@click.option("--held-out", callback=_seed_range, default="4000:4200", show_default=True)
@click.option("--runs", type=click.IntRange(1), default=1, help="Of each combination, in each set.")
@click.option("--bug-seeds", type=click.IntRange(1), default=5, help="Of each bug.")
@click.option("--steps", type=click.IntRange(1), default=100, show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(
    selectors: Sequence[str],
    seeds: range,
    held_out: range,
    runs: int,
    bug_seeds: int,
    steps: int,
    jobs: int,
    out: Path | None,
) -> None:
    """Measure the lockstep ratio of correct runs, derive the limit, and put it to the test."""
    if set(held_out) & {*seeds, *SPENT}:
        spent = f"{SPENT.start} to {SPENT.stop - 1}, which are spent"
        raise click.UsageError(f"the seeds held out are to be others than --seeds and {spent}")
    cases = [*(c for c in select(selectors) if isinstance(c, TrainingCase)), WIDE]
    parts = [plan(cases, seeds, runs), plan(cases, held_out, runs)]
    tried = [(s, dtype, seed) for s in SLIPS for dtype in WIDE.dtypes for seed in held_out]
    tried = [t for t in tried if t[2] < held_out[0] + bug_seeds]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        measure = partial(measured, steps=steps)
        seen, unseen = (
            list(_heard(pool.map(measure, part, chunksize=4), len(part))) for part in parts
        )
        bugs = list(pool.map(caught, *zip(*tried, strict=True), chunksize=16))
    command = (
        f"python -m parity.trajectory.calibrate {' '.join(selectors)} --out FILE "
        f"--seeds {seeds.start}:{seeds.stop} --held-out {held_out.start}:{held_out.stop} "
        f"--runs {runs} --bug-seeds {bug_seeds} --steps {steps}"
    )
    text = report(seen, unseen, bugs, " ".join(command.split()))
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, "utf-8")
        click.echo(f"wrote {out}")


if __name__ == "__main__":
    main()
