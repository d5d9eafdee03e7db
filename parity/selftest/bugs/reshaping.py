"""Bugs of the operations that move values."""

from __future__ import annotations

from parity.selftest.bug import Bug

PAD = "refnet/ops/pad.py"
RESHAPING = "refnet/ops/reshaping.py"

BUGS = (
    Bug(
        "reshape",
        "column-major order",
        RESHAPING,
        "x.reshape(_sizes(shape)).copy()",
        'x.reshape(_sizes(shape), order="F").copy()',
    ),
    Bug(
        "transpose",
        "the order for its inverse",
        RESHAPING,
        "np.argsort(_order(x.ndim, axes))",
        "_order(x.ndim, axes)",
    ),
    Bug("pad", "one copy of the edge counted", PAD, "left.sum(axis=0)", "left[0]"),
    Bug("pad", "reflection not turned back", PAD, "+= right[::-1]", "+= right"),
    Bug("pad", "the border is cut off only", PAD, 'case "reflect":', 'case "mirror":'),
    Bug(
        "pad",
        "the adapter's axes",
        "parity/backends/torch/operations/reshaping.py",
        "in reversed(widths)",
        "in widths",
    ),
)
