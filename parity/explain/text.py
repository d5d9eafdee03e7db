"""An explanation as text."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from parity.explain.result import Cause, Explanation

SHOWN = 24  # rows of the table of distances
FAILED = 4  # changes of the update rule that do not explain it


def as_text(found: Explanation) -> str:
    """Return the verdict, what was tried, and how the distance grew."""
    head = f"{found.what}, {found.steps} steps"
    names = ["stage", "tried", "explains", "share", "limit", "as in", "note"]
    shown, left_out = _shown(found.causes)
    tried = tabulate(
        [_row(c) for c in shown], headers=names, tablefmt="simple", disable_numparse=True
    )
    if left_out:
        tried += f"\n{left_out} other changes of the update that do not explain it"
    rows = [[f"{t:g}", *(f"{float(d):.1e}" for d in apart)] for t, *apart in _thinned(found)]
    apart = tabulate(
        rows,
        headers=["step", "distance", "twins' envelope"][: len(rows[0]) if rows else 1],
        tablefmt="simple",
        disable_numparse=True,
    )
    return "\n\n".join([head, found.verdict, tried, apart])


def _shown(causes: Sequence[Cause]) -> tuple[list[Cause], int]:
    """Return the causes that a table shows, and how many others there are.

    Of the changes of an update rule that fail, those that come nearest are shown.
    """
    failed = [c for c in causes if c.systems and not c.explains]
    hidden = sorted(failed, key=lambda c: float(c.figure or 0))[FAILED:]
    return [c for c in causes if c not in hidden], len(hidden)


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
