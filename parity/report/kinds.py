"""The kinds of report by name: their files, and what makes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from parity.files import write_whole
from parity.report.as_github import step_summary
from parity.report.as_json import as_json
from parity.report.as_junit import as_junit
from parity.report.as_markdown import as_markdown
from parity.result import Report
from refnet.errors import MissingDependencyError

FILES = {
    "md": "parity.md",
    "json": "parity.json",
    "html": "parity.html",
    "svg": "parity.svg",
    "junit": "parity.xml",
    "github": "step-summary.md",
}


def rendered(report: Report, kind: str) -> bytes:
    """Return a report as the contents of a file of one of the kinds."""
    match kind:
        case "md":
            return as_markdown(report).encode()
        case "json":
            return as_json(report)
        case "html":
            # With the bounds, which it quotes, this is a while to import.
            from parity.report.as_html import as_html

            return as_html(report)
        case "svg":
            from parity.report.as_svg import as_svg

            return as_svg(report)
        case "junit":
            return as_junit(report)
        case _:
            return step_summary(report).encode()


def require(kinds: Sequence[str]) -> None:
    """Refuse kinds that cannot be made here, before anything is run.

    Raises
    ------
    MissingDependencyError
        If HTML is asked for and jinja2 is not installed.
    """
    if "html" in kinds and find_spec("jinja2") is None:
        raise MissingDependencyError(
            "report",
            got="no jinja2",
            needs="jinja2, which makes the HTML report",
            cause='Install it with: pip install "refnet[parity]"',
        )


def unwritable(out: Path, kinds: Sequence[str]) -> str | None:
    """Say why reports cannot be written to a folder, before anything is run."""
    for kind in kinds:
        if (out / FILES[kind]).is_dir():
            return f"{out / FILES[kind]} is a folder"
    nearest = next(p for p in (out.absolute(), *out.absolute().parents) if p.exists())
    if not nearest.is_dir():
        return f"{nearest} is no folder"
    return None if os.access(nearest, os.W_OK | os.X_OK) else f"{nearest} may not be written to"


def write(report: Report, kinds: Sequence[str], out: Path) -> list[Path]:
    """Write a report in some kinds to a folder, and return the files.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    return [write_whole(out / FILES[k], rendered(report, k)) for k in FILES if k in kinds]
