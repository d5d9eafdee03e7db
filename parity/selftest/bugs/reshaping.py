"""Bugs of the operations that move values."""

from __future__ import annotations

from parity.selftest.bug import Bug

PAD = "refnet/ops/pad.py"
RESHAPING = "refnet/ops/reshaping.py"
SLICE = "refnet/ops/slice.py"
TILE = "refnet/ops/tile.py"

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
    Bug(
        "tile",
        "each element repeated",
        TILE,
        "return np.tile(x, _counts(repeats))",
        "for axis, n in enumerate(_counts(repeats)):\n"
        "        x = np.repeat(x, n, axis)\n"
        "    return x.copy()",
    ),
    Bug(
        "tile",
        "the largest copy for the sum",
        TILE,
        "np.add.reduce(apart, ",
        "np.fmax.reduce(apart, initial=0, ",
    ),
    Bug(
        "tile",
        "places summed for copies",
        TILE,
        "(_counts(repeats), x.shape, strict",
        "(x.shape, _counts(repeats), strict",
    ),
    Bug("slice", "steps lost", SLICE, "is None else steps\n", "is None else (1,) * len(starts)\n"),
    Bug(
        "slice",
        "ends exchanged",
        SLICE,
        "map(builtins.slice, starts, stops, steps)",
        "map(builtins.slice, stops, starts, steps)",
    ),
    Bug("slice", "the cotangent turned around", SLICE, "] = dy", "] = np.flip(dy)"),
    Bug("slice", "what was not taken is 1", SLICE, "np.zeros(x.shape", "np.ones(x.shape"),
)
