"""Bugs of elementwise arithmetic and of broadcasting."""

from __future__ import annotations

from parity.selftest.bug import Bug

ARITHMETIC = "refnet/ops/arithmetic.py"

BUGS = (
    Bug("add", "wrong sign", "minus for plus", ARITHMETIC, "return a + b", "return a - b"),
    Bug(
        "subtract",
        "wrong sign",
        "db without its sign",
        ARITHMETIC,
        "sum_to(-dy, b.shape)",
        "sum_to(dy, b.shape)",
    ),
    Bug(
        "multiply",
        "wrong operand",
        "db = dy b",
        ARITHMETIC,
        "sum_to(dy * a, b.shape)",
        "sum_to(dy * b, b.shape)",
    ),
    Bug("square", "cotangent lost", "derivative 0", ARITHMETIC, "(x + x)", "(x - x)"),
    Bug(
        "add",
        "broadcast cotangent not summed",
        "a stretched first axis not summed",
        "refnet/broadcasting.py",
        "for i in range(lead, a.ndim)",
        "for i in range(lead + 1, a.ndim)",
    ),
    *(
        Bug(
            op,
            "broadcast cotangent not summed",
            "the first of the stretched taken",
            "refnet/broadcasting.py",
            "return np.add.reduce(a, axis=(*range(lead), *stretched), keepdims=True)",
            "first = [0 if i < lead or i in stretched else slice(None) for i in range(a.ndim)]\n"
            "    return a[tuple(first)].copy()",
        )
        for op in (
            "add",
            "subtract",
            "multiply",
            "divide",
            "power",
            "maximum",
            "minimum",
            "where",
            "prelu",
            "matmul",
            "layer_norm",
            "group_norm",
        )
    ),
)
