"""An explanation as text."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from parity.explain.result import Cause, Explanation

SHOWN = 12  # rows of the table of distances
FAILED = 4  # changes of the update rule that do not explain it
NAMED = 3  # systems in a row
LEGEND = (
    "distance: the largest, as a multiple of what rounding does there, of whole runs as a multiple "
    "of the\ntwins' envelope; up to what is allowed it is no more than rounding."
)


def as_text(found: Explanation) -> str:
    """Return the verdict, what was tried, and how the distance grew."""
    blocks = [f"{found.what}, {found.steps} steps", found.verdict]
    names = ["stage", "tried", "explains", "distance", "allowed", "as in", "note"]
    shown, left_out = _shown(found.causes)
    table = _columns_in_use(names, [_row(c) for c in shown])
    blocks.append(tabulate(table, headers="firstrow", tablefmt="simple", disable_numparse=True))
    if left_out:
        blocks[-1] += f"\n{left_out} other changes of the update that do not explain it"
    if any(c.figure is not None for c in shown):
        blocks.append(LEGEND)
    rows = [[f"{t:g}", *(f"{float(d):.1e}" for d in apart)] for t, *apart in _thinned(found)]
    if rows:
        names = ["step", "distance of the parameters", "twins' envelope"][: len(rows[0])]
        table = [names, *rows]
        blocks.append(tabulate(table, headers="firstrow", tablefmt="simple", disable_numparse=True))
    return "\n\n".join(blocks)


def _columns_in_use(names: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Return a table without the columns that no row has anything in."""
    used = [i for i in range(len(names)) if any(row[i] for row in rows)]
    return [[row[i] for i in used] for row in [names, *rows]]


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
    more = f" and {len(cause.systems) - NAMED} more" if len(cause.systems) > NAMED else ""
    systems = ", ".join(cause.systems[:NAMED]) + more
    return [cause.stage, cause.what, explains, figure, limit, systems, cause.note]


def _thinned(found: Explanation) -> list[list[float | str]]:
    """Return the distances at SHOWN steps or so, the horizon and the onset among them."""
    every = max(1, len(found.distances) // SHOWN)
    kept = {found.horizon, found.onset, found.printed, 1, found.steps}
    return [row for row in found.distances if row[0] in kept or int(row[0]) % every == 0]
