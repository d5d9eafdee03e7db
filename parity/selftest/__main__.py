"""``python -m parity.selftest``: print the kill matrix, and exit 1 if a bug survives."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from tabulate import tabulate

from parity.selftest.bugs import BUGS
from parity.selftest.kill import Kill, kill


@click.command()
@click.option("--part", default="1/1", help="Only the i-th of n parts of the bugs, as i/n.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--seed", type=click.IntRange(0), default=0)
def main(part: str, as_json: bool, out: Path | None, seed: int) -> None:
    """Put every bug into refnet or an adapter, one at a time, and see whether the gate notices."""
    i, _, n = part.partition("/")
    kills = [kill(bug, seed) for bug in BUGS[int(i) - 1 :: int(n)]]
    text = json.dumps([_as_dict(k) for k in kills], indent=1) if as_json else report(kills)
    if out is None:
        click.echo(text)
    else:
        out.write_text(f"{text}\n", "utf-8")
    survived = [k for k in kills if not k.killed]
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


def _as_dict(k: Kill) -> dict[str, object]:
    return {
        "bug": k.bug.id,
        "killed": k.killed,
        "exit_code": k.exit_code,
        "named": list(k.named),
        "margin": str(k.margin),
        "reason": k.reason,
    }


if __name__ == "__main__":
    main()
