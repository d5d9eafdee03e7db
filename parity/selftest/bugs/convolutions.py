"""Bugs of the convolutions, their geometry and their layouts."""

from __future__ import annotations

from parity.selftest.bug import Bug

CORE = "refnet/convolution.py"
GEOMETRY = "refnet/geometry.py"

BUGS = (
    Bug(
        "conv2d",
        "adjoint with the kernel not flipped",
        CORE,
        "w[::-1, ::-1]",
        "w[:, :]",
        "conv2d/typical",
    ),
    Bug(
        "conv2d",
        "SAME's odd cell before",
        GEOMETRY,
        "(total // 2, total - total // 2)",
        "(total - total // 2, total // 2)",
        "conv2d/same*",
    ),
    Bug(
        "conv2d",
        "dilation of the rows for the columns",
        GEOMETRY,
        "w * step(g.dilation[1]",
        "w * step(g.dilation[0]",
        "conv2d/dilation*",
    ),
    Bug(
        "conv2d",
        "db doubled",
        CORE,
        "np.ones(math.prod(d.shape[:3]), d.dtype)",
        "np.full(math.prod(d.shape[:3]), 2, d.dtype)",
        "conv2d/typical",
    ),
    Bug(
        "conv2d",
        "depthwise kernels in the order of multiples",
        CORE,
        "c, a.shape[-1] // c), -1, 0)",
        "a.shape[-1] // c, c), -2, 0)",
        "conv2d/depthwise*",
    ),
    Bug(
        "conv2d",
        "weights not transposed for NCHW",
        "refnet/layouts.py",
        "w.transpose(*range(2, w.ndim), 1, 0)",
        "w.transpose(*range(w.ndim - 1, 1, -1), 1, 0)",
        "conv2d/channels-first*",
    ),
    Bug(
        "conv2d_transpose",
        "windows half a stride off",
        GEOMETRY,
        "first, last = start * stride + offset",
        "first, last = start * stride + offset + (stride > 2)",
        "conv2d_transpose/*stride*",
    ),
    Bug(
        "conv2d_transpose",
        "output_padding forgotten",
        GEOMETRY,
        "* dilation + 1 + extra - sum(pads)",
        "* dilation + 1 - sum(pads)",
        "conv2d_transpose/output-padding*",
    ),
    Bug(
        "conv2d_transpose",
        "bias where no window reaches forgotten",
        CORE,
        "x[...] = 0 if b is None else b",
        "x[...] = 0 if b is None else np.where(np.arange(x.shape[2])[:, None] % 2, 0, b)",
        "conv2d_transpose/*stride*",
    ),
    Bug(
        "conv1d",
        "pads at the other end",
        "refnet/ops/conv1d.py",
        "return (before, after), (0, 0)",
        "return (after, before), (0, 0)",
    ),
    Bug(
        "conv2d",
        "the adapter's pads of rows for columns",
        "parity/backends/torch/operations/convolutions.py",
        "(left, right, top, bottom)",
        "(top, bottom, left, right)",
        "conv2d/*pads",
    ),
)
