"""``python -m parity.selftest``: print the kill matrix, and exit 1 if a bug survives."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import click
from tabulate import tabulate

from parity.runner import pin_threads
from parity.selftest.bugs import BUGS
from parity.selftest.kill import Kill, kill


@click.command()
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--seed", type=click.IntRange(0), default=0)
def main(jobs: int, out: Path | None, seed: int) -> None:
    """Put every bug into refnet or an adapter, one at a time, and see whether the gate notices."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=pin_threads) as pool:
        kills = list(pool.map(partial(kill, seed=seed), BUGS, chunksize=4))
    if out is None:
        click.echo(report(kills))
    else:
        out.write_text(f"{report(kills)}\n", "utf-8")
    survived = [k for k in kills if not k.killed]
    for k in survived:
        click.echo(f"survived: {k.bug.id}", err=True)
    click.echo(f"{len(kills) - len(survived)} of {len(kills)} bugs caught", err=True)
    sys.exit(1 if survived else 0)


def report(kills: list[Kill]) -> str:
    """Return the table with what it shows, as Markdown."""
    caught = sum(k.killed for k in kills)
    return f"""\
# The gate notices: {caught} of {len(kills)} injected bugs caught

Each bug is put into refnet or an adapter in memory, one at a time, and `parity run` is asked for
the cells of its operation alone. It is caught if the run exits 1 and names the operation. The
oracle is refnet too, so a bug in refnet is in the oracle as well: what tells them apart is the
other side. The last column is the largest error as a share of its bound (of the lockstep limit for
training runs); above 1 is caught, inf is NaN, infinity, another shape or an exception.

{table(kills)}

Written by `python -m parity.selftest --out FILE`."""


def table(kills: list[Kill]) -> str:
    """Return the kill matrix as Markdown, the narrowest margins first."""
    rows = [
        [k.bug.op, k.bug.what, k.bug.file, "caught" if k.killed else "SURVIVED", f"{k.margin:.3g}"]
        for k in sorted(kills, key=lambda k: (k.killed, k.margin))
    ]
    names = ["operation", "bug", "in", "verdict", "largest share of a bound"]
    return str(tabulate(rows, headers=names, tablefmt="github", disable_numparse=True))


if __name__ == "__main__":
    main()
