"""Two ways to compute the same thing, timed in turn."""

from __future__ import annotations

import math
import statistics
import timeit
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Call = Callable[[], Any]


class Comparison(NamedTuple):
    """refnet's way and another's, as functions without arguments.

    ``at_most`` is the ratio of refnet's time to the other's that the project promises, or None
    where a row is there to be looked at. Rows of one ``group`` are promised their geometric mean.
    """

    name: str
    beside: str
    refnet: Call
    other: Call
    at_most: float | None = None
    group: str = ""


class Timing(NamedTuple):
    """Medians over the repetitions: seconds per call of either side, and their ratio."""

    comparison: Comparison
    refnet: float
    other: float
    ratio: float


def measure(c: Comparison, repetitions: int = 15, seconds: float = 0.05) -> Timing:
    """Time both sides in turn, so that both see the same machine; the ratio is of each pair."""
    counts = []
    for call in (c.refnet, c.other):
        call()  # warm up
        once = timeit.timeit(call, number=1)
        counts.append(max(1, round(seconds / once)))
        timeit.timeit(call, number=min(counts[-1], 20))
    pairs = [
        [timeit.timeit(f, number=n) / n for f, n in zip((c.refnet, c.other), counts, strict=True)]
        for _ in range(repetitions)
    ]
    return Timing(
        c,
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        statistics.median(p[0] / p[1] for p in pairs),
    )


def rows(timings: Sequence[Timing]) -> list[list[str]]:
    """Return rows of text, and one more for the geometric mean of each group."""
    table = []
    for t in timings:
        c = t.comparison
        limit = "" if c.at_most is None or c.group else f"{c.at_most:.2f}"
        table.append([c.name, c.beside, _time(t.refnet), _time(t.other), f"{t.ratio:.2f}", limit])
    for group in dict.fromkeys(t.comparison.group for t in timings if t.comparison.group):
        of_group = [t for t in timings if t.comparison.group == group]
        mean = math.prod(t.ratio for t in of_group) ** (1 / len(of_group))
        first = of_group[0].comparison
        limit = "" if first.at_most is None else f"{first.at_most:.2f}"
        table.append([f"{group}: geometric mean", first.beside, "", "", f"{mean:.2f}", limit])
    return table


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} us" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"
