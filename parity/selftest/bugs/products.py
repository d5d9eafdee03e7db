"""Bugs of the products of matrices, and of the bias."""

from __future__ import annotations

from parity.selftest.bug import Bug

DENSE = "refnet/ops/dense.py"
MATMUL = "refnet/ops/matmul.py"

BUGS = (
    Bug("dense", "wrong scaling", "db doubled", DENSE, "ones.fill(1)", "ones.fill(2)"),
    Bug("dense", "wrong sign", "bias subtracted", DENSE, "y += b", "y -= b"),
    Bug(
        "dense",
        "cotangent of another",
        "a cotangent of no bias",
        DENSE,
        'if b is not None and "b" in wrt',
        'if b is not None or "b" in wrt',
    ),
    Bug("bias_add", "wrong sign", "bias subtracted", DENSE, "return x + b", "return x - b"),
    Bug(
        "matmul",
        "transpose",
        "a untransposed",
        MATMUL,
        "_product(a2.swapaxes(-1, -2), dy)",
        "_product(a2, dy)",
    ),
    Bug("dense", "transpose", "w untransposed", DENSE, "_product(dy, w.T)", "_product(dy, w)"),
    Bug(
        "dense",
        "too few digits",
        "float16 accumulated in float16",
        "refnet/admission.py",
        "return value.astype(FLOAT32)",
        "return value",
        dtypes=("float16",),
    ),
    Bug(
        "dense",
        "dropped term",
        "the adapter's bias forgotten",
        "parity/backends/torch/operations/products.py",
        "functional.linear(x, w.T, b)",
        "functional.linear(x, w.T)",
    ),
    *(
        Bug(
            op,
            "broadcast cotangent not summed",
            "the bias's cotangent of the first row",
            DENSE,
            "return np.asarray(ones.dot(a))",
            "return a[0].copy() if len(a) else ones.dot(a)",
        )
        for op in ("dense", "bias_add")
    ),
    Bug(
        "dense",
        "wrong operand",
        "dw of the result",
        DENSE,
        "by_rows(x).T.dot(drows)",
        "by_rows(x * x).T.dot(drows)",
    ),
    Bug(
        "matmul",
        "cotangent of another",
        "db by da's formula",
        MATMUL,
        "db = _summed(_product(a2.swapaxes(-1, -2), dy)",
        "db = _summed(_product(dy, b2.swapaxes(-1, -2))",
    ),
    Bug(
        "matmul",
        "transpose",
        "b untransposed",
        MATMUL,
        "_product(dy, b2.swapaxes(-1, -2))",
        "_product(dy, b2)",
    ),
)
