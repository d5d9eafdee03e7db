"""Bugs of pooling, two formulas of the sources among them."""

from __future__ import annotations

from parity.selftest.bug import Bug

POOLING = "refnet/ops/pooling.py"
TORCH = "parity/backends/torch/operations/pooling.py"

BUGS = (
    Bug(
        "max_pool2d",
        "pads of 0 in the maximum",
        POOLING,
        "y = np.full(_shape(x.shape, g.out, channels_first), -np.inf",
        "y = np.full(_shape(x.shape, g.out, channels_first), 0",
    ),
    Bug(
        "avg_pool2d",
        "gradient summed over channels",
        POOLING,
        "total[cells] += share[windows]",
        "total[cells] += share[windows].sum(-1, keepdims=True)",
    ),
    Bug("max_pool2d", "every tie takes", POOLING, "        chosen &= free[windows]\n", ""),
    Bug("max_pool2d", "the last zero", POOLING, "in reversed(every)", "in every"),
    Bug("max_pool2d", "pads swapped", POOLING, "- g.pads[axis][0]", "- g.pads[axis][1]"),
    Bug(
        "max_pool2d",
        "overlapping windows overwrite",
        POOLING,
        "dx[cells] += kept",
        "dx[cells] = kept",
    ),
    Bug("avg_pool2d", "dilation forgotten", POOLING, "i * g.dilation[axis]", "i"),
    Bug("avg_pool2d", "pads always count", POOLING, "if (counts == n).all()", "if n"),
    Bug(
        "avg_pool2d",
        "the overhang counts",
        POOLING,
        "counting = at < before + g.size[axis] + after",
        "counting = at >= 0",
    ),
    Bug("global_max_pool2d", "minimum", POOLING, "np.argmax(flat", "np.argmin(flat"),
    Bug("global_avg_pool2d", "rows only", POOLING, "x[h] * x[w] or", "x[h] or"),
    Bug(
        "max_pool2d",
        "the adapter's pads of 0",
        TORCH,
        "padded(x, rows, columns, -torch.inf)",
        "padded(x, rows, columns, 0.0)",
    ),
    Bug(
        "avg_pool2d",
        "the adapter's pads count",
        TORCH,
        "padded(torch.ones_like(x), rows, columns, float(count_include_pad))",
        "padded(torch.ones_like(x), rows, columns, 1.0)",
    ),
)
