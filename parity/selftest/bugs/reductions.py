"""Bugs of sums, means and variances."""

from __future__ import annotations

from parity.selftest.bug import Bug

REDUCTION = "refnet/ops/reduction.py"
VAR = "refnet/ops/var.py"

BUGS = (
    Bug(
        "sum",
        "wrong axis",
        "another axis",
        REDUCTION,
        "return np.asarray(np.sum(x, axis=as_axis(axis)",
        "return np.asarray(np.sum(x, axis=0",
    ),
    Bug(
        "mean",
        "N - 1",
        "N - 1",
        REDUCTION,
        "np.asarray(total / per_result(x.shape, axis))",
        "np.asarray(total / (per_result(x.shape, axis) - 1))",
    ),
    Bug("mean", "wrong scaling", "derivative times N", REDUCTION, "dy / max(per", "dy * max(per"),
    Bug(
        "sum",
        "wrong axis",
        "the adapter's axis",
        "parity/backends/torch/operations/reductions.py",
        "if axis is None else axis",
        "if axis is None else -1",
    ),
    Bug(
        "var",
        "one-pass variance",
        "E[x^2] - E[x]^2",
        VAR,
        "np.sum(centred * centred, axis=axis, keepdims=keepdims)",
        "np.sum(x * x, axis=axis, keepdims=keepdims)"
        " - np.sum(x, axis=axis, keepdims=keepdims) ** 2 / n",
    ),
    Bug("var", "N - 1", "ddof lost in the VJP", VAR, "axis) - ddof) / 2", "axis)) / 2"),
    Bug(
        "mean",
        "another function",
        "the sum",
        REDUCTION,
        "np.asarray(total / per_result(x.shape, axis))",
        "np.asarray(total)",
    ),
    Bug(
        "var",
        "statistics held constant",
        "divided by n for n - ddof",
        VAR,
        "total / (n - ddof)",
        "total / n",
    ),
    Bug(
        "sum",
        "wrong scaling",
        "cotangent shared among the terms",
        REDUCTION,
        "(stretched(dy, x.shape, axis, keepdims),)",
        "(stretched(dy / max(per_result(x.shape, axis), 1), x.shape, axis, keepdims),)",
    ),
)
