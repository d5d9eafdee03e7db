"""``parity program``: a program of TensorFlow 1 on refnet and on TensorFlow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from tabulate import tabulate

from parity import gate
from parity.backends import AbsentError
from parity.programs.judging import MODULES, STEPS, ProgramResult, judged
from parity.programs.program import Program
from parity.report.rows import short
from parity.result import Status

SHOWN = 12  # tensors in the table


@click.command("program")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("argv", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--steps",
    type=click.IntRange(1),
    default=STEPS,
    show_default=True,
    help="Training steps in lockstep.",
)
@click.option(
    "--against",
    type=click.Choice([*MODULES]),
    default="tensorflow",
    show_default=True,
    help="What it is run on beside refnet.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that the recordings are left in, for parity trace.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def program_command(
    file: Path, argv: Sequence[str], steps: int, against: str, out: Path | None, as_json: bool
) -> None:
    """Run a program of TensorFlow 1 on refnet and on TensorFlow, and compare all that it trains.

    FILE stands as it is: `import refnet.tf1 as tf`, `import tensorflow as tf` and `import
    tensorflow.compat.v1 as tf` are taken for what each side needs. ARGV follows after --.

    Exits 0 if both compute the same within the limits, 1 if not, 2 if FILE is no such program, 3
    if it raises, or TensorFlow is not installed.
    """
    try:
        found = judged(Program(file, argv), backend=against, steps=steps, out=out)
    except AbsentError as error:
        click.echo(f"parity: {error}", err=True)
        sys.exit(gate.INCOMPLETE)
    click.echo(msgspec.json.encode(found).decode() if as_json else as_text(found))
    sys.exit(exit_code(found))


def exit_code(found: ProgramResult) -> int:
    """Return what the command exits with."""
    match found.status:
        case Status.PASS | Status.KNOWN:
            return gate.AGREES
        case Status.FAIL:
            return gate.DIFFERS
        case _:
            return gate.INCOMPLETE


def as_text(r: ProgramResult) -> str:
    """Return a result for the terminal."""
    lines = [f"{r.program}: {r.status}" + (f", {r.reason}" if r.reason else "")]
    if not r.compared:
        return lines[0]
    rows = [
        [t.name, f"{t.step}", short(t.subject_ratio), short(t.backend_ratio)]
        for t in r.tensors[:SHOWN]
    ]
    more = len(r.tensors) - len(rows)
    lines += [
        f"lockstep: {r.steps:,} steps, {r.compared:,} tensors in {r.dtype}",
        "",
        tabulate(
            rows, headers=["tensor", "worst step", "refnet", r.backend], disable_numparse=True
        ),
        *([f"and {more} more, nearer"] if more else []),
        "",
    ]
    if r.started:
        lines.append(f"drawn differently, and set to refnet's: {', '.join(r.started)}")
    if r.alone:
        lines.append(f"kept by {r.backend} alone: {', '.join(r.alone)}")
    if r.free_steps:
        assert r.distance is not None
        parted = f"part at step {r.parted.step}, {r.parted.tensor}" if r.parted else "do not part"
        lines.append(
            f"by itself: {r.free_steps:,} steps, {short(r.distance)} apart at the end; the "
            f"recordings {parted}"
        )
        lines.append(f"printed: {r.printed[0]} of {r.printed[1]} lines alike")
    if r.accuracies:
        lines.append(f"accuracy: refnet {r.accuracies[0]}, {r.backend} {r.accuracies[1]}")
    return "\n".join(lines)
