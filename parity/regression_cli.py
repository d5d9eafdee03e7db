"""``parity compare``: two runs, or two baselines, beside one another."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity import gate
from parity.baseline import Baseline, check_seed, load, path_of, sides_of
from parity.files import write_whole
from parity.regression import FACTOR, LEAST, Regression, compared
from parity.report.as_regression import (
    HEADERS,
    counted,
    regression_cells,
    regression_json,
    regression_markdown,
)

SHOWN = 10


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--factor",
    type=click.FloatRange(1, min_open=True),
    default=FACTOR,
    show_default=True,
    help="How many times more of its bound a cell uses where it has regressed.",
)
@click.option(
    "--least",
    type=click.FloatRange(0),
    default=LEAST,
    show_default=True,
    help="And how much more of the bound, at least.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write regression.md and regression.json to.",
)
def compare_command(old: str, new: str, factor: float, least: float, out: Path | None) -> None:
    """Compare two runs cell by cell: baselines by name or file, or JSON reports.

    Exits 1 where a cell has a worse status than before, or is gone.
    """
    before, after = load(path_of(old)), load(path_of(new))
    check_seed(before, after.seed)
    found = compared(before, after, factor=factor, least=least)
    print_regression(found, f"{new} beside {old}")
    if out is not None:
        write_regression(found, old, new, out)
    sys.exit(gate.DIFFERS if found.worse else gate.AGREES)


def beside_baseline(baseline: Baseline, new: Baseline, *, whole: bool) -> Regression:
    """Return what changed since a baseline, for the sides and versions of a run.

    After a ``whole`` run, cells of the baseline that it has not are gone; after a run of some cases
    the others are left out.
    """
    sides = {sides_of(key) for key in new.cells}
    old = {
        key: kept
        for key, kept in baseline.cells.items()
        if sides_of(key) in sides and (whole or key in new.cells)
    }
    return compared(Baseline(schema=baseline.schema, seed=baseline.seed, cells=old), new)


def print_regression(found: Regression, title: str) -> None:
    """Print the counts, and the cells that changed most."""
    click.echo(f"{title}: {counted(found)}")
    for row in found.rows[:SHOWN]:
        words = dict(zip(HEADERS, regression_cells(row), strict=True))
        click.echo(
            f"  {words['change']}: {words['case']} in {words['dtype']} ({words['sides']}): "
            f"{words['before'] or 'nothing'} -> {words['after'] or 'nothing'}"
        )
    if len(found.rows) > SHOWN:
        click.echo(f"  and {len(found.rows) - SHOWN:,} more")


def write_regression(found: Regression, old: str, new: str, out: Path) -> None:
    """Write the comparison as Markdown and JSON."""
    click.echo(f"wrote {write_whole(out / 'regression.md', regression_markdown(found, old, new))}")
    click.echo(f"wrote {write_whole(out / 'regression.json', regression_json(found))}")
