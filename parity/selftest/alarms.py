"""``python -m parity.selftest.alarms``: correct cells by the hundred thousand, and no alarm.

Cells are drawn at random: an operation, optimizer or initializer, one of its cases, a dtype, a seed
for its values and its choices, and, for every second cell, other sizes of its arrays. refnet and
PyTorch are judged in each as `parity run` judges them, by bounds and register. Both are correct, so
whatever fails is a false alarm.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from tabulate import tabulate

import refnet as rn
from parity import deviations
from parity.backends import adapter
from parity.backends.refnet import RefnetAdapter
from parity.case import AnyCase, ArraySpec, Case, InitializerCase, OptimizerCase, TrainingCase
from parity.cells import Measured, cell
from parity.deviations import Entry
from parity.files import write_whole
from parity.floats import HALVES
from parity.initializers import run_initializer
from parity.inputs import arrays, resolved, words
from parity.operations import run_operation
from parity.optimizers import run_optimizer
from parity.registry import all_cases
from parity.result import CellResult, Status
from parity.runner import pin_threads
from refnet.errors import ExplainedError

CHUNK = 500  # cells that a process takes at a time
SMALL = 12  # sizes up to which an array's axis is drawn anew, from 2 on
RARE = 20  # initializers come up in one round of so many: a sample is 100,000 numbers
CORRECT = (Status.PASS, Status.KNOWN)


class Drawn(NamedTuple):
    """A random cell: a case, of its own sizes or others, in a dtype, with a seed."""

    case: AnyCase
    dtype: str
    seed: int
    resized: bool


class Seen(NamedTuple):
    """What the cells of an operation showed."""

    cells: int = 0
    resized: int = 0
    known: tuple[str, ...] = ()  # ids of the register's entries, and names of KNOWN
    refnet: float = 0.0
    torch: float = 0.0
    alarms: tuple[str, ...] = ()

    def __add__(self, other: Seen) -> Seen:  # type: ignore[override]
        return Seen(
            self.cells + other.cells,
            self.resized + other.resized,
            self.known + other.known,
            max(self.refnet, other.refnet),
            max(self.torch, other.torch),
            self.alarms + other.alarms,
        )


def drawn(k: int, seed: int) -> Drawn:
    """Return the k-th random cell."""
    op, key = _op(k), f"{seed}|alarms|{k}"
    picks = [int(w) for w in words(key, 3)]
    cases = _by_op()[op]
    case = cases[picks[0] % len(cases)]
    dtype = case.dtypes[picks[1] % len(case.dtypes)]
    covered = any(e.covers(case.id, dtype, "torch") for e in _entries())
    if isinstance(case, Case) and not covered and picks[2] % 2:
        other = resized(case, key)
        if other != case and _is_valid(other, dtype, seed + k):
            return Drawn(other, dtype, seed + k, True)
    return Drawn(case, dtype, seed + k, False)


def one_column(case: Case, dtype: str, seed: int) -> bool:  # noqa: ARG001
    """Whether a convolution in a half type has one column of results, strided."""
    if case.op != "conv2d" or dtype not in HALVES:
        return False
    x, w, *_ = case.inputs
    assert x is not None
    assert w is not None
    options = {"layout": "NHWC", **case.options}
    size = rn.conv2d.shape(x.shape, w.shape, None, **options)
    stride = options.get("stride", 1)
    columns = size[3] if options["layout"] == "NCHW" else size[2]
    return columns == 1 and (stride if isinstance(stride, int) else stride[1]) > 1


def rows_of_blocks(case: Case, dtype: str, seed: int) -> bool:  # noqa: ARG001
    """Whether the rows of a convolution's windows in a half type fill blocks of 32."""
    if case.op not in ("conv1d", "conv2d", "conv2d_transpose") or dtype not in HALVES:
        return False
    w = case.inputs[1]
    assert w is not None
    first = str(case.options.get("layout", "N")).startswith("NC")
    channels, columns = (w.shape[1], w.shape[-1]) if first else (w.shape[-2], w.shape[-3])
    return bool(channels < 16 and channels % 2 == 0 and channels * columns % 32 == 0)


def off_centre(case: Case, dtype: str, seed: int) -> bool:
    """Whether a variance in float64 is of values whose mean is twice their deviation or more."""
    if case.op != "var" or dtype != "float64":
        return False
    (x, *_), options = arrays(case, dtype, seed)
    assert x is not None
    axis = options.get("axis")
    with np.errstate(all="ignore"):
        return bool((np.abs(x.mean(axis=axis)) > 2 * x.std(axis=axis)).any())


class Known(NamedTuple):
    """What is known of PyTorch in cells of other sizes than those that the register speaks of."""

    reason: str
    of: Callable[[Case, str, int], bool]  # whether it is about a case, in a dtype, with a seed


KNOWN: Mapping[str, Known] = {
    "one column, on CPUs with AMX": Known(
        "oneDNN's convolution of the half types takes other memory for its input where a result "
        "has one column and the stride along it is above 1 (float32 of the same values, and "
        "ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16, are right)",
        one_column,
    ),
    "rows of blocks, on CPUs with AMX": Known(
        "oneDNN's convolution of the half types is wrong where an even number of channels below "
        "16, times the columns of the window, is a multiple of 32 from 64 on",
        rows_of_blocks,
    ),
    "variance off centre": Known(
        "PyTorch updates mean and sum of squares element by element in float64, the register's "
        "torch-var-offset-float64",
        off_centre,
    ),
}


def resized(case: Case, key: str) -> Case:
    """Return the case with other sizes, each standing for all equal ones of its arrays."""

    def size(n: Any) -> Any:
        if not isinstance(n, int) or not 1 < n <= SMALL:
            return n
        return 2 + int(words(f"{key}|{n}", 1)[0] % np.uint64(SMALL - 1))

    def other(value: Any) -> Any:
        if not isinstance(value, ArraySpec):
            return value
        return replace(value, shape=tuple(map(size, value.shape)), high=size(value.high))

    options = {name: other(value) for name, value in case.options.items()}
    return replace(case, inputs=tuple(map(other, case.inputs)), options=options)


def judged(cells: range, seed: int) -> dict[str, Seen]:
    """Judge the random cells of a range and return what each operation showed."""
    refnet, torch = adapter("refnet"), adapter("torch")
    found: dict[str, Seen] = {}
    for k in cells:
        d = drawn(k, seed)
        run: Any
        match d.case:
            case Case():
                run = run_operation
            case OptimizerCase():
                run = run_optimizer
            case _:
                run = run_initializer
        measure: partial[Measured] = partial(run, d.case, d.dtype, refnet, torch, d.seed)
        entries = [*_entries(), *_of_sizes(d)]
        result = cell(d.case, d.dtype, refnet, torch, entries, measure)
        found[d.case.op] = found.get(d.case.op, Seen()) + _seen(d, result)
    return found


def _seen(d: Drawn, r: CellResult) -> Seen:
    alarms: tuple[str, ...] = ()
    if r.status not in CORRECT:
        shapes = [s and s.shape for s in d.case.inputs] if isinstance(d.case, Case) else ""
        alarms = (f"{r.case} {r.dtype} seed {d.seed} {shapes}: {r.status.value} {r.reason}",)
    known = (r.deviation,) if r.status is Status.KNOWN else ()
    mine, theirs = (0.0 if s is None or known else float(s.ratio) for s in (r.actual, r.other))
    return Seen(1, int(d.resized), known, mine, theirs, alarms)


def _of_sizes(d: Drawn) -> list[Entry]:
    """Return what is known of a cell of other sizes, as the register would have it."""
    if not isinstance(d.case, Case) or not d.resized:
        return []
    case = resolved(d.case, d.seed)
    return [
        Entry(
            id=name,
            op=case.op,
            backend="torch",
            cases=[case.id],
            dtypes=[d.dtype],
            kind="upstream-bug",
            metric="differing",
            low=1,
            high=math.inf,
            reason=known.reason,
            link="",
            added="",
            versions="",
            always=False,
        )
        for name, known in KNOWN.items()
        if known.of(case, d.dtype, d.seed)
    ]


def _op(k: int) -> str:
    """Return the k-th cell's operation, optimizer or initializer, in rounds through all of them."""
    every = sorted(_by_op())
    common = [op for op in every if not isinstance(_by_op()[op][0], InitializerCase)]
    period = len(every) + (RARE - 1) * len(common)
    at = k % period
    return every[at] if at < len(every) else common[(at - len(every)) % len(common)]


@cache
def _by_op() -> Mapping[str, list[AnyCase]]:
    """Return the cases of each operation, optimizer and initializer."""
    found: dict[str, list[AnyCase]] = {}
    for case in all_cases():
        if not isinstance(case, TrainingCase):
            found.setdefault(case.op, []).append(case)
    return found


@cache
def _entries() -> tuple[Entry, ...]:
    """Return the entries of the register that apply here."""
    version = adapter("torch").versions()["torch"]
    entries = deviations.load(cases=all_cases())
    return tuple(e for e in entries if e.backend == "torch" and e.applies_to(version))


def _is_valid(case: Case, dtype: str, seed: int) -> bool:
    """Whether refnet takes the case: sizes may depend on one another, or on options."""
    inputs, options = arrays(case, dtype, seed)
    try:
        with np.errstate(all="ignore"):
            RefnetAdapter().run(case.op, inputs, options, None)
    except (ExplainedError, ValueError):
        return False
    return True


@click.command()
@click.option("--cells", type=click.IntRange(1), default=100_000, help="Random cells.")
@click.option("--seed", type=click.IntRange(0), default=5_000_000, help="That of the first.")
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(cells: int, seed: int, jobs: int, out: Path | None) -> None:
    """Judge random correct cells, and count the false alarms."""
    ranges = [range(i, min(i + CHUNK, cells)) for i in range(0, cells, CHUNK)]
    found: dict[str, Seen] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=pin_threads) as pool:
        for part in pool.map(partial(judged, seed=seed), ranges):
            for op, seen in part.items():
                found[op] = found.get(op, Seen()) + seen
                for alarm in seen.alarms:
                    click.echo(alarm, err=True)
    alarms = sum(len(s.alarms) for s in found.values())
    click.echo(f"{alarms} false alarms in {cells:,} cells", err=True)
    if out is None:
        click.echo(report(found, seed))
    else:
        write_whole(out, f"{report(found, seed)}\n")
    sys.exit(1 if alarms else 0)


def report(found: Mapping[str, Seen], seed: int) -> str:
    """Return the table with what it shows, as Markdown."""
    total = Counter[str]()
    for s in found.values():
        total.update(cells=s.cells, resized=s.resized, known=len(s.known), alarms=len(s.alarms))
    rows: Sequence[Sequence[str]] = [
        [
            op,
            *(f"{n:,}" for n in (s.cells, s.resized, len(s.known), len(s.alarms))),
            *(f"{ratio:.3g}" for ratio in (s.refnet, s.torch)),
        ]
        for op, s in sorted(found.items(), key=lambda item: (-len(item[1].alarms), item[0]))
    ]
    names = [
        "operation",
        "cells",
        "of other sizes",
        "known",
        "alarms",
        "refnet: largest",
        "torch: largest",
    ]
    by_name = Counter(name for s in found.values() for name in s.known)
    known = "\n".join(f"- {name}: {by_name[name]:,} cells. {KNOWN[name].reason}." for name in KNOWN)
    return f"""\
# False alarms: {total["alarms"]} in {total["cells"]:,} correct cells

Every cell is drawn at random: a case of an operation, optimizer or initializer, a dtype, a seed
from {seed:,} on for its values and choices; {total["resized"]:,} have arrays of other sizes than
the case says. refnet and PyTorch are judged as `parity run` judges them, with the register, by
whose entries cells are known to differ; of other sizes than those that the register speaks of, this
is known of PyTorch as well:

{known}

In all {total["known"]:,} cells differ as is known. The largest ratios are errors as shares of their
bounds, in the others.

{tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)}

Written by `python -m parity.selftest.alarms --cells {total["cells"]} --seed {seed} --out FILE`."""


if __name__ == "__main__":
    main()
