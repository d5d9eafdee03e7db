"""``parity deviations``: the register listed, checked, and entries for it proposed."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from tabulate import tabulate

from parity import deviations, gate
from parity.baseline import version_class
from parity.errors import RegisterError
from parity.registry import all_cases
from parity.report.as_json import from_json
from parity.result import CellResult, Report, Status

ROOM = 4.0  # a proposed limit is so many times less and more than what was measured

FILE = click.option(
    "--register",
    type=click.Path(dir_okay=False, path_type=Path),
    default=deviations.PATH,
    help="The register; the project's own by default.",
)


@click.group("deviations")
def deviations_group() -> None:
    """List, check or extend the register of known differences, parity/deviations.toml."""


@deviations_group.command("list")
@click.argument("backends", nargs=-1, metavar="[BACKEND]...")
@FILE
def list_command(backends: tuple[str, ...], register: Path) -> None:
    """List the entries, all of them or those of some backends."""
    entries = [e for e in deviations.load(register) if not backends or e.backend in backends]
    rows = [
        [
            e.id,
            e.kind,
            ", ".join(e.dtypes),
            f"{e.metric} {e.low:g} to {e.high:g}",
            e.versions,
            e.expires or "never",
            e.reason,
        ]
        for e in entries
    ]
    names = ["entry", "kind", "dtypes", "limits", "versions", "expires", "reason"]
    click.echo(tabulate(rows, headers=names, tablefmt="simple", disable_numparse=True))
    click.echo(f"\n{len(rows)} entries")


@deviations_group.command("check")
@FILE
def check_command(register: Path) -> None:
    """Check every entry: its fields, that it matches cases, and that it has not expired.

    Whether it holds is what `parity run` finds out: an entry that a cell passes without is stale.
    """
    entries = deviations.load(register, cases=all_cases())
    click.echo(f"{len(entries)} entries, each well-formed, of registered cases and in force")


@deviations_group.command("propose")
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def propose_command(report: Path) -> None:
    """Print entries for the cells of REPORT (parity.json) in which a backend stands outside.

    Their reason is TODO, which the register refuses: somebody has to find it out.
    """
    try:
        found = from_json(report.read_bytes())
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise RegisterError(
            "deviations propose",
            got=f"{report}, which is no report ({error})",
            needs="the JSON report of a run",
            cause="Is it parity.json?",
        ) from error
    text = proposed(found)
    click.echo(text or "# Nothing to propose: no cell in which a backend alone is outside.")
    sys.exit(gate.AGREES)


def proposed(report: Report) -> str:
    """Return entries, as TOML, for what a report's backends alone are outside in."""
    today = datetime.now(UTC).date().isoformat()
    groups: dict[tuple[str, str, str], list[CellResult]] = {}
    for cell in report.cells:
        if cell.status is Status.FAIL and cell.actual and cell.actual.within and cell.other:
            groups.setdefault((cell.backend, cell.op, cell.regime), []).append(cell)
    return "\n".join(
        _entry(backend, op, regime, cells, report.header.versions.get(backend, ""), today)
        for (backend, op, regime), cells in sorted(groups.items())
    )


def _entry(
    backend: str, op: str, regime: str, cells: list[CellResult], version: str, today: str
) -> str:
    others = [c.other for c in cells if c.other is not None]
    kinds = any(o.mismatches for o in others)
    values = [float(o.outside + o.mismatches) if kinds else float(o.ratio) for o in others]
    low, high = min(values), max(values)
    if not kinds:
        low, high = max(1.0, low / ROOM), high * ROOM
    versions = f">={version_class(version)}" if version else ""
    name = f"{backend}-{op}-{regime}".replace(" ", "-").replace("_", "-")
    return f"""\
[[deviation]]
id = "{name}"
op = "{op}"
backend = "{backend}"
versions = "{versions}"
cases = {_listed({c.case for c in cells})}
dtypes = {_listed({c.dtype for c in cells})}
kind = "convention" # or precision, upstream-bug
metric = "{"differing" if kinds else "ratio"}"
low = {_number(low)}
high = {_number(high)}
reason = "TODO"
link = "TODO"
added = "{today}"
"""


def _listed(names: Iterable[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in sorted(names))
    return f"[{quoted}]"


def _number(value: float) -> str:
    if math.isinf(value):
        return "inf"
    return f"{value:.3g}" if value != int(value) else str(int(value))
