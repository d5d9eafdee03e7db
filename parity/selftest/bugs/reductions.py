"""Bugs of sums, means and variances."""

from __future__ import annotations

from parity.selftest.bug import Bug

REDUCTION = "refnet/ops/reduction.py"
VAR = "refnet/ops/var.py"

BUGS = (
    Bug(
        "sum",
        "another axis",
        REDUCTION,
        "return np.asarray(np.sum(x, axis=as_axis(axis)",
        "return np.asarray(np.sum(x, axis=0",
    ),
    Bug(
        "mean",
        "N - 1",
        REDUCTION,
        "np.asarray(total / per_result(x.shape, axis))",
        "np.asarray(total / (per_result(x.shape, axis) - 1))",
    ),
    Bug("mean", "derivative times N", REDUCTION, "dy / max(per", "dy * max(per"),
    Bug(
        "sum",
        "the adapter's axis",
        "parity/backends/torch/operations/reductions.py",
        "if axis is None else axis",
        "if axis is None else -1",
    ),
    Bug(
        "var",
        "E[x^2] - E[x]^2",
        VAR,
        "np.sum(centred * centred, axis=axis, keepdims=keepdims)",
        "np.sum(x * x, axis=axis, keepdims=keepdims)"
        " - np.sum(x, axis=axis, keepdims=keepdims) ** 2 / n",
    ),
    Bug("var", "ddof lost in the VJP", VAR, "axis) - ddof) / 2", "axis)) / 2"),
)
