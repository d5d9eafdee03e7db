"""What ratios come to: the worst, the first beyond the limit, and each tensor's own worst step."""

from __future__ import annotations

import math

from parity.trajectory.lockstep import LIMIT, Ratio
from parity.trajectory.summary import apart, by_tensor, deviation

RATIOS = [
    Ratio("loss", 1, 0.5, 1.0),
    Ratio("w", 1, 0.25, LIMIT),
    Ratio("loss", 2, 0.75, 0.5),
    Ratio("w", 2, 0.5, 2 * LIMIT),
    Ratio("loss", 3, 0.0, math.inf),
]


def test_the_worst_is_a_share_of_the_limit():
    mine, theirs = (deviation(RATIOS, side) for side in (0, 1))
    assert (mine.ratio, mine.outside, mine.within) == (0.75 / LIMIT, 0, True)
    assert "first apart" not in mine.worst
    assert (theirs.ratio, theirs.within) == (math.inf, False)
    assert theirs.worst.startswith("loss at step 3")
    assert theirs.worst.endswith("first apart at step 2: w")


def test_the_limit_itself_is_within_it():
    assert apart(RATIOS, 0) is None
    assert apart(RATIOS[:3], 1) is None
    found = apart(RATIOS, 1)
    assert (found.step, found.tensor, found.ratio) == (2, "w", 2 * LIMIT)


def test_each_tensor_by_its_worst_step():
    found = [(t.name, t.step, t.subject_ratio, t.backend_ratio) for t in by_tensor(RATIOS)]
    assert found == [("loss", 3, 0.0, "inf"), ("w", 2, 0.5, 2 * LIMIT)]
