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
    y = np.log(d[steps])
    least, found = np.inf, Onset(first, 1.0, 1.0)
    for cut in range(1, len(steps) - 2):
        left, before = _line(steps[: cut + 1], y[: cut + 1])
        right, after = _line(steps[cut:], y[cut:])
        if left + right < least:
            least = left + right
            found = Onset(first + int(steps[cut]), float(np.exp(before)), float(np.exp(after)))
    return found


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Return the sum of squares that the best straight line leaves, and its slope."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(dx @ dy / (dx @ dx))
    return float(((dy - slope * dx) ** 2).sum()), slope
