"""Bugs of the operations that choose among values."""

from __future__ import annotations

from parity.selftest.bug import Bug

CLIP = "refnet/ops/clip.py"
EXTREMES = "refnet/ops/extremes.py"

BUGS = (
    Bug("maximum", "a tie counts twice", EXTREMES, "dy / 2", "dy"),
    Bug("maximum", "minimum", EXTREMES, "np.maximum(a, b)", "np.minimum(a, b)"),
    Bug("minimum", "cotangents exchanged", EXTREMES, "a, b, a > b, a < b", "a, b, a < b, a > b"),
    Bug("max", "each tie takes all", EXTREMES, "attained.sum(", "attained.any("),
    Bug("max", "NaN without gradient", EXTREMES, "attained | (n == 0)", "attained"),
    Bug("min", "maximum", EXTREMES, "np.min(x, axis", "np.max(x, axis"),
    Bug("clip", "0 at the lower end", CLIP, "x >= least", "x > least"),
    Bug("clip", "0 at the upper end", CLIP, "x <= most", "x < most"),
    Bug(
        "clip", "lower end lost", CLIP, "np.where(y > most, most, y)", "np.where(x > most, most, x)"
    ),
)
