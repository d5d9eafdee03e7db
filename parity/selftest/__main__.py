"""``python -m parity.selftest``: print the kill matrix, and exit 1 if a bug survives."""

from __future__ import annotations

import json
import sys

import click
from tabulate import tabulate

from parity.selftest.bugs import BUGS
from parity.selftest.kill import Kill, kill


@click.command()
@click.option("--part", default="1/1", help="Only the i-th of n parts of the bugs, as i/n.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--seed", type=click.IntRange(0), default=0)
def main(part: str, as_json: bool, seed: int) -> None:
    """Put every bug into refnet or an adapter, one at a time, and see whether the gate notices."""
    i, _, n = part.partition("/")
    kills = [kill(bug, seed) for bug in BUGS[int(i) - 1 :: int(n)]]
    if as_json:
        click.echo(json.dumps([_as_dict(k) for k in kills], indent=1))
    else:
        click.echo(table(kills))
    survived = [k for k in kills if not k.killed]
    click.echo(f"{len(kills) - len(survived)} of {len(kills)} bugs caught", err=True)
    sys.exit(1 if survived else 0)


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
