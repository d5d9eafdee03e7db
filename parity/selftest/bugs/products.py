"""Bugs of the products of matrices, and of the bias."""

from __future__ import annotations

from parity.selftest.bug import Bug

DENSE = "refnet/ops/dense.py"
MATMUL = "refnet/ops/matmul.py"

BUGS = (
    Bug("dense", "db doubled", DENSE, "ones.fill(1)", "ones.fill(2)"),
    Bug("dense", "bias subtracted", DENSE, "y += b", "y -= b"),
    Bug(
        "dense",
        "a cotangent of no bias",
        DENSE,
        'if b is not None and "b" in wrt',
        'if b is not None or "b" in wrt',
    ),
    Bug("bias_add", "bias subtracted", DENSE, "return x + b", "return x - b"),
    Bug(
        "matmul", "a untransposed", MATMUL, "_product(a2.swapaxes(-1, -2), dy)", "_product(a2, dy)"
    ),
    Bug("dense", "w untransposed", DENSE, "_product(dy, w.T)", "_product(dy, w)"),
    Bug(
        "dense",
        "float16 accumulated in float16",
        "refnet/admission.py",
        "return value.astype(FLOAT32)",
        "return value",
        dtypes=("float16",),
    ),
    Bug(
        "dense",
        "the adapter's bias forgotten",
        "parity/backends/torch/operations/products.py",
        "functional.linear(x, w.T, b)",
        "functional.linear(x, w.T)",
    ),
)
