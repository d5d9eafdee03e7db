"""Bugs of the operations that choose among values."""

from __future__ import annotations

from parity.selftest.bug import Bug

CLIP = "refnet/ops/clip.py"
EXTREMES = "refnet/ops/extremes.py"
WHERE = "refnet/ops/where.py"

BUGS = (
    Bug("maximum", "wrong tie", "a tie counts twice", EXTREMES, "dy / 2", "dy"),
    Bug("maximum", "another function", "minimum", EXTREMES, "np.maximum(a, b)", "np.minimum(a, b)"),
    Bug(
        "minimum",
        "alternatives exchanged",
        "cotangents exchanged",
        EXTREMES,
        "a, b, a > b, a < b",
        "a, b, a < b, a > b",
    ),
    Bug("max", "wrong tie", "each tie takes all", EXTREMES, "attained.sum(", "attained.any("),
    Bug(
        "max", "swallowed NaN", "NaN without gradient", EXTREMES, "attained | (n == 0)", "attained"
    ),
    Bug("min", "another function", "maximum", EXTREMES, "np.min(x, axis", "np.max(x, axis"),
    Bug("clip", "wrong kink", "0 at the lower end", CLIP, "x >= least", "x > least"),
    Bug("clip", "wrong kink", "0 at the upper end", CLIP, "x <= most", "x < most"),
    Bug(
        "clip",
        "one end lost",
        "lower end lost",
        CLIP,
        "np.where(y > most, most, y)",
        "np.where(x > most, most, x)",
    ),
    Bug(
        "where",
        "alternatives exchanged",
        "branches exchanged",
        WHERE,
        "(condition, a, b)\n",
        "(condition, b, a)\n",
    ),
    Bug(
        "where",
        "mask ignored",
        "both branches are taken",
        WHERE,
        "np.where(condition, dy, 0)",
        "dy",
    ),
    Bug(
        "where",
        "mask ignored",
        "only 1 is true",
        WHERE,
        "np.where(condition, 0, dy)",
        "np.where(condition == 1, 0, dy)",
    ),
    Bug(
        "where",
        "NaN out of nothing",
        "by a product, and NaN leaks",
        WHERE,
        "return np.where(condition, a, b)",
        "taken = (condition != 0).astype(a.dtype)\n    return taken * a + (1 - taken) * b",
    ),
    Bug("minimum", "wrong tie", "a tie counts twice", EXTREMES, "dy / 2", "dy"),
    Bug("min", "wrong tie", "each tie takes all", EXTREMES, "attained.sum(", "attained.any("),
    Bug(
        "min", "swallowed NaN", "NaN without gradient", EXTREMES, "attained | (n == 0)", "attained"
    ),
    Bug(
        "maximum",
        "wrong tie",
        "the sign of two zeros",
        EXTREMES,
        "np.signbit(a) & np.signbit(b)",
        "np.signbit(a) | np.signbit(b)",
    ),
    Bug(
        "minimum",
        "wrong tie",
        "the sign of two zeros",
        EXTREMES,
        "np.signbit(a) | np.signbit(b)",
        "np.signbit(a) & np.signbit(b)",
    ),
)
