"""The command ``python -m parity.elementary``: measure, write the table, and judge refnet by it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from parity import gate
from parity.backends import AbsentError, adapter
from parity.elementary.functions import FUNCTIONS
from parity.elementary.measure import SIDES, Task, measure
from parity.elementary.report import failures, report, summary
from parity.errors import SelectionError
from parity.floats import HALVES
from parity.runner import pin_threads
from refnet.checks import nearest
from refnet.errors import ExplainedError


@click.command()
@click.argument("ops", nargs=-1)
@click.option("--every", type=click.IntRange(1), default=1, help="Only every so-manieth number.")
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(ops: Sequence[str], every: int, jobs: int, out: Path | None) -> None:
    """Evaluate the functions OPS (all by default) at every number of the half types.

    Exits 1 if a value of refnet's is off by more than its rounding, or differs in kind.
    """
    try:
        tasks = chosen(ops, every)
        versions = {k: v for side in SIDES for k, v in adapter(side).versions().items()}
        with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=pin_threads) as pool:
            rows = list(pool.map(measure, tasks))
    except (AbsentError, ExplainedError) as error:
        click.echo(f"parity.elementary: {error}", err=True)
        sys.exit(gate.USAGE)
    text = report(rows, versions)
    if out is None:
        click.echo(text)
    else:
        out.write_text(f"{text}\n", "utf-8")
    click.echo(summary(rows), err=True)
    failed = failures(rows)
    for row in failed:
        click.echo(f"{row.task.name} in {row.task.dtype}: {row.sides['refnet']}", err=True)
    sys.exit(gate.DIFFERS if failed else gate.AGREES)


def chosen(ops: Sequence[str], every: int = 1) -> list[Task]:
    """Return what is to be measured: values and derivatives, in both half types.

    Raises
    ------
    SelectionError
        If there is no such function.
    """
    known = sorted({f.op for f in FUNCTIONS.values()})
    for op in ops:
        if op not in known:
            raise SelectionError(
                "elementary",
                got=f"the operation {op!r}",
                needs=f"one of {', '.join(known)}",
                cause=nearest(op, known),
            )
    return [
        Task(name, dtype, derivative, every)
        for derivative in (False, True)
        for name, f in FUNCTIONS.items()
        if not ops or f.op in ops
        for dtype in HALVES
    ]


if __name__ == "__main__":
    main()
