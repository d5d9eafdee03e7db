"""Bugs of elementwise arithmetic and of broadcasting."""

from __future__ import annotations

from parity.selftest.bug import Bug

ARITHMETIC = "refnet/ops/arithmetic.py"

BUGS = (
    Bug("add", "minus for plus", ARITHMETIC, "return a + b", "return a - b"),
    Bug(
        "subtract", "db without its sign", ARITHMETIC, "sum_to(-dy, b.shape)", "sum_to(dy, b.shape)"
    ),
    Bug("multiply", "db = dy b", ARITHMETIC, "sum_to(dy * a, b.shape)", "sum_to(dy * b, b.shape)"),
    Bug("square", "derivative 0", ARITHMETIC, "(x + x)", "(x - x)"),
    Bug(
        "add",
        "a stretched first axis not summed",
        "refnet/broadcasting.py",
        "for i in range(lead, a.ndim)",
        "for i in range(lead + 1, a.ndim)",
    ),
)
