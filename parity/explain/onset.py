"""Where a difference between two runs begins to grow, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from parity.backends.base import Array

LEAST = 8  # steps: with fewer there is no telling one slope from two


class Onset(NamedTuple):
    """Two stretches of exponential growth: up to a step, and after it.

    ``before`` and ``after`` are factors per step.
    """

    step: int
    before: float
    after: float


def onset(distances: Sequence[float], first: int = 0) -> Onset | None:
    """Return where the growth of a distance changes, by least squares on its logarithm.

    Two straight lines are fitted to log d_t, one up to a step and one from it on; the step is the
    one with the least sum of squares. None if fewer than 8 distances are positive and finite.

    Parameters
    ----------
    distances : sequence of float
        d_t at every step.
    first : int
        The step of the first of them.

    Examples
    --------
    >>> d = [1e-7 * 1.01**t if t < 30 else 1e-7 * 1.01**30 * 1.5 ** (t - 30) for t in range(50)]
    >>> found = onset(d)
    >>> found.step, round(found.before, 2), round(found.after, 2)
    (30, 1.01, 1.5)
    """
    d = np.asarray(distances, np.float64)
    steps = np.flatnonzero((d > 0) & np.isfinite(d))
    if len(steps) < LEAST:
        return None
    left, right = _lines(steps, np.log(d[steps])), _lines(steps[::-1], np.log(d[steps])[::-1])
    # A line through the first i + 1 points, and one through the same point and those after it.
    cuts = np.arange(1, len(steps) - 2)
    total = left[0][cuts] + right[0][len(steps) - 1 - cuts]
    cut = int(cuts[np.argmin(total)])
    before, after = left[1][cut], right[1][len(steps) - 1 - cut]
    return Onset(first + int(steps[cut]), float(np.exp(before)), float(np.exp(after)))


def _lines(x: Array, y: Array) -> tuple[Array, Array]:
    """Return for the first i + 1 points what the best straight line leaves, and its slope."""
    n = np.arange(1, len(x) + 1)
    x, y = x - x.mean(), y - y.mean()
    sx, sy, sxx, sxy, syy = (np.cumsum(v) for v in (x, y, x * x, x * y, y * y))
    xx, xy, yy = sxx - sx * sx / n, sxy - sx * sy / n, syy - sy * sy / n
    slope = np.divide(xy, xx, out=np.zeros_like(xx), where=n > 1)
    return np.maximum(yy - slope * xy, 0), slope
