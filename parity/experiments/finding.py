"""What an experiment found, its page, and what the sources print of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from parity.report.tables import markdown_table


class Claim(NamedTuple):
    """What should come out, what did, and whether that is it."""

    what: str
    found: str
    holds: bool


class Finding(NamedTuple):
    """An experiment's result.

    ``body`` is Markdown, a block each; ``pictures`` are SVG by the stem of their file's name;
    ``command`` makes it all again.
    """

    name: str
    title: str
    claims: Sequence[Claim]
    body: Sequence[str]
    pictures: Mapping[str, str]
    command: str
    versions: Mapping[str, str] = {}

    @property
    def holds(self) -> bool:
        """Whether every claim holds; there is at least one."""
        return bool(self.claims) and all(claim.holds for claim in self.claims)


def as_page(finding: Finding) -> str:
    """Return the page of a finding."""
    rows = [[c.what, c.found, "yes" if c.holds else "NO"] for c in finding.claims]
    versions = ", ".join(f"{name} {v}" for name, v in finding.versions.items())
    parts = [
        f"# {finding.title}",
        *([markdown_table(rows, ["what", "found", "holds"])] if rows else []),
        *finding.body,
        f"Written by `{finding.command}`" + (f" with {versions}." if versions else "."),
    ]
    return "\n\n".join(parts) + "\n"


def picture(stem: str, words: str) -> str:
    """Return the Markdown of a picture."""
    return f"![{words}](pictures/{stem}.svg)"


def write(finding: Finding, out: Path) -> list[Path]:
    """Write a finding's page and pictures into a folder; return their paths."""
    files = {f"pictures/{stem}.svg": svg for stem, svg in finding.pictures.items()}
    files[f"{finding.name}.md"] = as_page(finding)
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    return [out / name for name in files]


def printed(name: str) -> dict[str, Any]:
    """Return what the sources print of an experiment.

    Examples
    --------
    >>> printed("mnist_dfn")["test_accuracy"]
    0.894
    """
    file = resources.files("parity.experiments") / "printed" / f"{name}.json"
    found: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    return found
