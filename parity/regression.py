"""What became better or worse between two runs, cell by cell."""

from __future__ import annotations

import math
from collections import Counter
from enum import StrEnum

import msgspec

from parity.baseline import Baseline, Kept
from parity.result import Number, Status

# A share of a bound has changed where it is this many times the other, and by so much of the bound:
# other instruction sets round otherwise, and what is next to nothing doubles by accident. Measured
# between AVX-512 and AVX2 or none (NumPy, OpenBLAS, PyTorch, oneDNN): shares that doubled differed
# by up to 0.11 of the bound, and none by more than 0.23.
FACTOR = 2.0
LEAST = 0.25

_RANK = {
    Status.PASS: 0,
    Status.KNOWN: 1,
    Status.ABSENT: 2,
    Status.ERROR: 3,
    Status.STALE: 4,
    Status.FAIL: 4,
}


class Change(StrEnum):
    """What became of a cell."""

    REGRESSED = "regressed"
    GONE = "gone"
    NOT_COMPARABLE = "not comparable"  # its case or arithmetic is another one now, or it is absent
    IMPROVED = "improved"
    NEW = "new"
    UNCHANGED = "unchanged"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that changed: its key, before and after, and how many times more of its bound."""

    cell: str
    change: Change
    worse: bool  # in status, and not in numbers alone
    before: Kept | None
    after: Kept | None
    factor: Number | None  # of the share of the bound used, of the side that changed most


class Regression(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs beside one another: counts, and the cells that changed, the worst first."""

    factor: float
    least: float
    counts: dict[str, int]
    rows: list[Row]

    @property
    def worse(self) -> bool:
        """Whether a cell has a worse status than before, or is gone."""
        return any(r.worse for r in self.rows)


def compared(
    old: Baseline, new: Baseline, *, factor: float = FACTOR, least: float = LEAST
) -> Regression:
    """Return what changed from one baseline to another.

    A cell regressed where its status is worse, or the share of the bound that it uses is ``factor``
    times what it was and larger by ``least``; it improved where that is so the other way round.
    """
    rows = [
        _row(key, old.cells.get(key), new.cells.get(key), factor, least)
        for key in {**old.cells, **new.cells}
    ]
    counts = Counter(row.change for row in rows)
    order = list(Change)
    changed = sorted(
        (r for r in rows if r.change is not Change.UNCHANGED),
        key=lambda r: (order.index(r.change), not r.worse, -_size(r), r.cell),
    )
    return Regression(
        factor=factor,
        least=least,
        counts={c.value: counts[c] for c in Change},
        rows=changed,
    )


def _row(key: str, before: Kept | None, after: Kept | None, factor: float, least: float) -> Row:
    change, worse, grown = _judged(before, after, factor, least)
    return Row(cell=key, change=change, worse=worse, before=before, after=after, factor=grown)


def _judged(
    before: Kept | None, after: Kept | None, factor: float, least: float
) -> tuple[Change, bool, Number | None]:
    if before is None or after is None:
        return (Change.NEW, False, None) if before is None else (Change.GONE, True, None)
    # A judge that is absent altogether fails the run itself; the rest depends on the machine, which
    # may have no longdouble that is wider than float64.
    absent = after.status is Status.ABSENT is not before.status
    if before.version != after.version or absent:
        return Change.NOT_COMPARABLE, False, None
    step = _RANK.get(after.status, 0) - _RANK.get(before.status, 0)
    grown = max(
        (_grown(a, b, least) for a, b in zip(_shares(before), _shares(after), strict=True)),
        key=lambda ratio: (ratio >= factor, _times(ratio)),  # what is worse on one side is worse
    )
    number: Number = grown if grown < math.inf else "inf"
    if step:
        return (Change.REGRESSED, True, number) if step > 0 else (Change.IMPROVED, False, number)
    if grown >= factor:
        return Change.REGRESSED, False, number
    if grown <= 1 / factor:
        return Change.IMPROVED, False, number
    return Change.UNCHANGED, False, number


def _shares(kept: Kept) -> tuple[float, float]:
    return float(kept.subject), float(kept.backend)


def _grown(before: float, after: float, least: float) -> float:
    """Return how many times more of the bound is used; 1 where that is next to nothing."""
    if before == after or abs(after - before) < least:
        return 1.0
    if math.isnan(before) or math.isnan(after):
        return 1.0 if math.isnan(before) and math.isnan(after) else math.inf
    return after / before if before else math.inf


def _size(row: Row) -> float:
    if row.factor is None:
        return 0.0
    return _times(float(row.factor))


def _times(grown: float) -> float:
    """Return how many times more or less it is."""
    return max(grown, 1 / grown) if grown else math.inf
