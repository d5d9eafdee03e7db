"""The command ``parity selftest``: the gate proves itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from parity.files import write_whole

PARTS = ("controls", "vacuity", "kills")


@click.command("selftest")
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="Only this part; repeat for several.",
)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the report.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def selftest_command(parts: Sequence[str], jobs: int, out: Path | None, seed: int) -> None:
    """Prove that the gate notices.

    An implementation against itself differs in nothing, and one whose values are in other places
    fails (controls); no case passes whatever is computed (vacuity); and every bug that is put into
    refnet or an adapter, one at a time, is caught (kills). Exits 1 if one of these does not hold.
    """
    from parity.selftest.proof import prove
    from parity.selftest.report import as_markdown, complaints, summary

    found = prove(parts or PARTS, jobs, seed, lambda line: click.echo(line, err=True))
    for line in (*complaints(found), *summary(found)):
        click.echo(line)
    if out is not None:
        write_whole(out, f"{as_markdown(found)}\n")
    sys.exit(1 if complaints(found) else 0)
