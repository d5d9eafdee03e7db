"""Bugs of pooling, two formulas of the sources among them."""

from __future__ import annotations

from parity.selftest.bug import Bug

POOLING = "refnet/ops/pooling.py"
TORCH = "parity/backends/torch/operations/pooling.py"

BUGS = (
    Bug(
        "max_pool2d",
        "wrong pad value",
        "pads of 0 in the maximum",
        POOLING,
        "y = np.full(_shape(x.shape, g.out, channels_first), -np.inf",
        "y = np.full(_shape(x.shape, g.out, channels_first), 0",
        defect="zero pads",
    ),
    Bug(
        "avg_pool2d",
        "cotangent of another",
        "gradient summed over channels",
        POOLING,
        "total[cells] += share[windows]",
        "total[cells] += share[windows].sum(-1, keepdims=True)",
        defect="channels summed",
    ),
    Bug(
        "max_pool2d",
        "wrong tie",
        "every tie takes",
        POOLING,
        "        chosen &= free[windows]\n",
        "",
    ),
    Bug("max_pool2d", "wrong tie", "the last zero", POOLING, "in reversed(every)", "in every"),
    Bug(
        "max_pool2d",
        "pad off by one",
        "pads swapped",
        POOLING,
        "- g.pads[axis][0]",
        "- g.pads[axis][1]",
    ),
    Bug(
        "max_pool2d",
        "overwritten gradient",
        "overlapping windows overwrite",
        POOLING,
        "dx[cells] += kept",
        "dx[cells] = kept",
    ),
    Bug(
        "avg_pool2d",
        "stride or dilation lost",
        "dilation forgotten",
        POOLING,
        "i * g.dilation[axis]",
        "i",
    ),
    Bug(
        "avg_pool2d", "pads counted", "pads always count", POOLING, "if (counts == n).all()", "if n"
    ),
    Bug(
        "avg_pool2d",
        "pads counted",
        "the overhang counts",
        POOLING,
        "counting = at < before + g.size[axis] + after",
        "counting = at >= 0",
    ),
    Bug(
        "global_max_pool2d",
        "another function",
        "minimum",
        POOLING,
        "np.argmax(flat",
        "np.argmin(flat",
    ),
    Bug("global_avg_pool2d", "wrong scaling", "rows only", POOLING, "x[h] * x[w] or", "x[h] or"),
    Bug(
        "max_pool2d",
        "wrong pad value",
        "the adapter's pads of 0",
        TORCH,
        "padded(x, rows, columns, -torch.inf)",
        "padded(x, rows, columns, 0.0)",
    ),
    Bug(
        "avg_pool2d",
        "pads counted",
        "the adapter's pads count",
        TORCH,
        "padded(torch.ones_like(x), rows, columns, float(count_include_pad))",
        "padded(torch.ones_like(x), rows, columns, 1.0)",
    ),
    Bug(
        "avg_pool2d",
        "pad off by one",
        "pads swapped",
        POOLING,
        "- g.pads[axis][0]",
        "- g.pads[axis][1]",
    ),
    Bug(
        "max_pool2d",
        "window from the wrong end",
        "windows counted from the last cell",
        POOLING,
        "    return _maxima(x, g, channels_first)",
        "    turn = (..., slice(None, None, -1), slice(None, None, -1))\n"
        "    turn = turn if channels_first else (*turn, slice(None))\n"
        "    return _maxima(x[turn], g, channels_first)[turn].copy()",
    ),
    Bug(
        "avg_pool2d",
        "window from the wrong end",
        "windows counted from the last cell",
        POOLING,
        "        for windows, cells in every:\n            total[windows] += given[cells]",
        "        turn = (..., slice(None, None, -1), slice(None, None, -1))\n"
        "        turn = turn if channels_first else (*turn, slice(None))\n"
        "        for windows, cells in every:\n"
        "            total[turn][windows] += given[turn][cells]",
    ),
    Bug(
        "global_max_pool2d",
        "wrong tie",
        "the last of equals",
        POOLING,
        "chosen = np.argmax(flat, axis=axis, keepdims=True)",
        "chosen = flat.shape[axis] - 1 - np.argmax(np.flip(flat, axis), axis=axis, keepdims=True)",
    ),
    Bug(
        "global_avg_pool2d",
        "N - 1",
        "one cell less",
        POOLING,
        "x[h] * x[w] or",
        "(x[h] * x[w] - 1) or",
    ),
    Bug(
        "avg_pool2d",
        "N - 1",
        "one cell less",
        POOLING,
        "        return n\n    found",
        "        return n - 1\n    found",
    ),
    *(
        Bug(
            op,
            "layout confused",
            "rows and channels exchanged",
            POOLING,
            "return (2, 3) if",
            "return (1, 3) if",
        )
        for op in ("global_avg_pool2d",)
    ),
    Bug(
        "global_max_pool2d",
        "layout confused",
        "rows and channels exchanged",
        POOLING,
        "x.reshape(*x.shape[:2], x.shape[2] * x.shape[3]), 2",
        "x.swapaxes(1, 2).reshape(*x.shape[:2], x.shape[2] * x.shape[3]), 2",
    ),
    *(
        Bug(
            op,
            "layout confused",
            "the columns left out where the channels are first",
            POOLING,
            "lead = (...,) if channels_first else (slice(None),)",
            "lead = (slice(None),)",
        )
        for op in ("avg_pool2d", "max_pool2d")
    ),
    Bug(
        "max_pool2d",
        "stride or dilation lost",
        "dilation forgotten",
        POOLING,
        "i * g.dilation[axis]",
        "i",
    ),
    Bug(
        "avg_pool2d",
        "overwritten gradient",
        "overlapping windows overwrite",
        POOLING,
        "total[cells] += share[windows]",
        "total[cells] = share[windows]",
    ),
)
