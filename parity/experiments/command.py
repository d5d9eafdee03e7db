"""What the commands of all experiments share: options, writing, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import click
import numpy as np
from rich.console import Console

from parity import gate
from parity.backends import AbsentError, adapter
from parity.experiments import plots
from parity.experiments.finding import Finding, write
from parity.runner import single_threaded

out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("parity-report"),
    show_default=True,
    help="Folder of the page and its pictures.",
)
backend_option = click.option(
    "--backend", default="torch", show_default=True, help="What refnet is run beside."
)


def conclude(
    make: Callable[[], Finding],
    out: Path,
    backend: str,
    aside: Callable[[], Iterable[str]] = tuple,
) -> NoReturn:
    """Make a finding in one thread, write it, say what holds, and exit: 0 if all of it does.

    Exits 1 if a claim does not hold, and 3 if the backend is not installed. ``aside`` has lines for
    the terminal alone, such as times.
    """
    plots.require()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(f"cannot be written to: {error}", param_hint="--out") from error
    try:
        adapter(backend)  # before anything is run
        with (
            Console(stderr=True).status("running"),
            single_threaded(),
            np.errstate(all="ignore"),
        ):
            finding = make()
    except AbsentError as error:
        click.echo(f"parity: {error}", err=True)
        sys.exit(gate.INCOMPLETE)
    for claim in finding.claims:
        click.echo(f"{'holds' if claim.holds else 'FAILS'}  {claim.what}: {claim.found}")
    for line in aside():
        click.echo(line)
    for path in write(finding, out):
        click.echo(f"wrote {path}")
    sys.exit(gate.AGREES if finding.holds else gate.DIFFERS)
