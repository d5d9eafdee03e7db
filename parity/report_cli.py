"""``parity report``: the report of an earlier run in another form."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from parity.errors import ReportError
from parity.report.as_json import from_json
from parity.report.kinds import FILES, require, unwritable, write
from parity.result import Report


class Kinds(click.ParamType[list[str]]):
    """Kinds of report, between commas."""

    name = "kinds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Return the names of the kinds, all of them known."""
        if isinstance(value, list):
            return value
        kinds = [part.strip() for part in str(value).split(",") if part.strip()]
        if not kinds or not set(kinds) <= set(FILES):
            self.fail(f"{value!r}; choose out of {', '.join(FILES)}", param, ctx)
        return kinds


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "kinds",
    type=Kinds(),
    default="html",
    show_default=True,
    help=f"Which to write, out of {', '.join(FILES)}.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; by default that of FILE.",
)
def report_command(file: Path, kinds: list[str], out: Path | None) -> None:
    """Make reports from FILE, the JSON report of an earlier run; nothing is run."""
    folder = file.parent if out is None else out
    problem = unwritable(folder, kinds)
    if problem:
        raise click.BadParameter(problem, param_hint="--out")
    require(kinds)
    for path in write(_read(file), kinds, folder):
        click.echo(f"wrote {path}")


def _read(file: Path) -> Report:
    try:
        return from_json(file.read_bytes())
    except OSError as error:
        raise ReportError(
            "report",
            got=f"{file}, which cannot be read ({error.strerror})",
            needs="the JSON report of a run",
            cause="`parity run` writes one, parity-report/parity.json.",
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ReportError(
            "report",
            got=f"{file}, which is damaged or no report ({error})",
            needs="the JSON report of a run",
            cause="Was it cut off, or written by another version of parity?",
        ) from error
