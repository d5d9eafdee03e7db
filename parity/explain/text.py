"""An explanation as text."""

from __future__ import annotations

from tabulate import tabulate

from parity.explain.explanation import Cause, Explanation

SHOWN = 24  # rows of the table of distances


def as_text(found: Explanation) -> str:
    """Return the verdict, what was tried, and how the distance grew."""
    head = f"{found.case}, {found.side} in {found.dtype}, {found.steps} steps, seed {found.seed}"
    names = ["stage", "tried", "explains", "share", "limit", "as in", "note"]
    tried = tabulate(
        [_row(c) for c in found.causes], headers=names, tablefmt="simple", disable_numparse=True
    )
    rows = [[f"{t:g}", f"{float(d):.1e}", f"{float(e):.1e}"] for t, d, e in _thinned(found)]
    apart = tabulate(
        rows,
        headers=["step", "distance from refnet", "twins' envelope"],
        tablefmt="simple",
        disable_numparse=True,
    )
    return "\n\n".join([head, found.verdict, tried, apart])


def _row(cause: Cause) -> list[str]:
    figure = "" if cause.figure is None else f"{float(cause.figure):.3g}"
    limit = "" if cause.limit is None else f"{cause.limit:g}"
    explains = "yes" if cause.explains else ""
    return [cause.stage, cause.what, explains, figure, limit, ", ".join(cause.systems), cause.note]


def _thinned(found: Explanation) -> list[list[float | str]]:
    """Return the distances at SHOWN steps or so, the horizon and the onset among them."""
    every = max(1, len(found.distances) // SHOWN)
    kept = {found.horizon, found.onset, found.printed, 1, found.steps}
    return [row for row in found.distances if row[0] in kept or int(row[0]) % every == 0]
