"""Bugs of the operations that choose among values."""

from __future__ import annotations

from parity.selftest.bug import Bug

CLIP = "refnet/ops/clip.py"
EXTREMES = "refnet/ops/extremes.py"
WHERE = "refnet/ops/where.py"

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
    Bug("where", "branches exchanged", WHERE, "(condition, a, b)\n", "(condition, b, a)\n"),
    Bug("where", "both branches are taken", WHERE, "np.where(condition, dy, 0)", "dy"),
    Bug(
        "where",
        "only 1 is true",
        WHERE,
        "np.where(condition, 0, dy)",
        "np.where(condition == 1, 0, dy)",
    ),
    Bug(
        "where",
        "by a product, and NaN leaks",
        WHERE,
        "return np.where(condition, a, b)",
        "taken = (condition != 0).astype(a.dtype)\n    return taken * a + (1 - taken) * b",
    ),
)
