"""Bugs of the convolutions, their geometry and their layouts."""

from __future__ import annotations

from parity.selftest.bug import Bug

CORE = "refnet/convolution.py"
GEOMETRY = "refnet/geometry.py"

BUGS = (
    Bug(
        "conv2d",
        "transpose",
        "adjoint with the kernel not flipped",
        CORE,
        "w[::-1, ::-1]",
        "w[:, :]",
        "conv2d/typical",
    ),
    Bug(
        "conv2d",
        "pad off by one",
        "SAME's odd cell before",
        GEOMETRY,
        "(total // 2, total - total // 2)",
        "(total - total // 2, total // 2)",
        "conv2d/same*",
    ),
    Bug(
        "conv2d",
        "stride or dilation lost",
        "dilation of the rows for the columns",
        GEOMETRY,
        "w * step(g.dilation[1]",
        "w * step(g.dilation[0]",
        "conv2d/dilation*",
    ),
    Bug(
        "conv2d",
        "wrong scaling",
        "db doubled",
        CORE,
        "np.ones(math.prod(d.shape[:3]), d.dtype)",
        "np.full(math.prod(d.shape[:3]), 2, d.dtype)",
        "conv2d/typical",
    ),
    Bug(
        "conv2d",
        "layout confused",
        "depthwise kernels in the order of multiples",
        CORE,
        "c, a.shape[-1] // c), -1, 0)",
        "a.shape[-1] // c, c), -2, 0)",
        "conv2d/depthwise*",
    ),
    Bug(
        "conv2d",
        "layout confused",
        "weights not transposed for NCHW",
        "refnet/layouts.py",
        "w.transpose(*range(2, w.ndim), 1, 0)",
        "w.transpose(*range(w.ndim - 1, 1, -1), 1, 0)",
        "conv2d/channels-first*",
    ),
    Bug(
        "conv2d_transpose",
        "window from the wrong end",
        "windows half a stride off",
        GEOMETRY,
        "first, last = start * stride + offset",
        "first, last = start * stride + offset + (stride > 2)",
        "conv2d_transpose/*stride*",
    ),
    Bug(
        "conv2d_transpose",
        "pad off by one",
        "output_padding forgotten",
        GEOMETRY,
        "* dilation + 1 + extra - sum(pads)",
        "* dilation + 1 - sum(pads)",
        "conv2d_transpose/output-padding*",
    ),
    Bug(
        "conv2d_transpose",
        "dropped term",
        "bias where no window reaches forgotten",
        CORE,
        "x[...] = 0 if b is None else b",
        "x[...] = 0 if b is None else np.where(np.arange(x.shape[2])[:, None] % 2, 0, b)",
        "conv2d_transpose/*stride*",
    ),
    Bug(
        "conv1d",
        "pad off by one",
        "pads at the other end",
        "refnet/ops/conv1d.py",
        "return (before, after), (0, 0)",
        "return (after, before), (0, 0)",
    ),
    Bug(
        "conv2d",
        "pad off by one",
        "the adapter's pads of rows for columns",
        "parity/backends/torch/operations/convolutions.py",
        "(left, right, top, bottom)",
        "(top, bottom, left, right)",
        "conv2d/*pads",
    ),
    Bug(
        "conv2d_transpose",
        "pad off by one",
        "SAME's odd cell before",
        GEOMETRY,
        "(total // 2, total - total // 2)",
        "(total - total // 2, total // 2)",
        "conv2d_transpose/same*",
    ),
    Bug(
        "conv2d",
        "window from the wrong end",
        "windows counted from the last cell",
        "refnet/ops/conv2d.py",
        "return layouts.in_layout(convolved(values, weights, b, g, groups), layout)",
        "y = convolved(values[:, ::-1, ::-1], weights[::-1, ::-1], b, g, groups)[:, ::-1, ::-1]\n"
        "    return layouts.in_layout(y, layout)",
        defect="windows from the end",
    ),
    Bug(
        "conv1d",
        "window from the wrong end",
        "windows counted from the last cell",
        "refnet/ops/conv1d.py",
        "y = convolved(_column(x, layout), _cells(w, layout), b, g, groups)",
        "y = convolved(_column(x, layout)[:, ::-1], _cells(w, layout)[::-1], b, g, groups)\n"
        "    y = y[:, ::-1]",
    ),
    Bug(
        "conv2d_transpose",
        "window from the wrong end",
        "windows counted from the last cell",
        "refnet/ops/conv2d_transpose.py",
        "return layouts.in_layout(spread(values, weights, b, g, groups), layout)",
        "y = spread(values[:, ::-1, ::-1], weights[::-1, ::-1], b, g, groups)[:, ::-1, ::-1]\n"
        "    return layouts.in_layout(y, layout)",
    ),
    *(
        Bug(
            op,
            "layout confused",
            "the channels change places with the columns",
            "refnet/layouts.py",
            'return np.moveaxis(a, 1, -1) if layout.startswith("NC") else a',
            'return a.swapaxes(1, -1) if layout.startswith("NC") else a',
        )
        for op in ("conv2d", "conv2d_transpose")
    ),
    Bug(
        "conv1d",
        "layout confused",
        "weights not transposed for NCW",
        "refnet/layouts.py",
        "w.transpose(*range(2, w.ndim), 1, 0) if",
        "w.transpose(*range(2, w.ndim), 0, 1) if",
    ),
    *(
        Bug(
            op,
            "stride or dilation lost",
            "windows closer by one",
            GEOMETRY,
            "h * step(g.stride[0], g.out[0])",
            "h * step(max(g.stride[0] - 1, 1), g.out[0])",
        )
        for op in ("conv1d", "conv2d")
    ),
    Bug(
        "conv2d_transpose",
        "stride or dilation lost",
        "dilation of the rows for the columns",
        CORE,
        "j * g.dilation[1] - left",
        "j * g.dilation[0] - left",
    ),
    *(
        Bug(
            op, "transpose", "adjoint with the kernel not flipped", CORE, "w[::-1, ::-1]", "w[:, :]"
        )
        for op in ("conv1d", "conv2d_transpose")
    ),
    *(
        Bug(
            op,
            "first for all",
            "the bias's cotangent of the first sample",
            CORE,
            "np.ones(math.prod(d.shape[:3]), d.dtype).dot(by_rows(d))",
            "np.ones(math.prod(d.shape[1:3]), d.dtype).dot(by_rows(d[0]))",
            f"{op}/typical*",
        )
        for op in ("conv1d", "conv2d", "conv2d_transpose")
    ),
)
