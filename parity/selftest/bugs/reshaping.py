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
        "wrong order",
        "column-major order",
        RESHAPING,
        "x.reshape(_sizes(shape)).copy()",
        'x.reshape(_sizes(shape), order="F").copy()',
    ),
    Bug(
        "transpose",
        "transpose",
        "the order for its inverse",
        RESHAPING,
        "np.argsort(_order(x.ndim, axes))",
        "_order(x.ndim, axes)",
    ),
    Bug(
        "pad",
        "overwritten gradient",
        "one copy of the edge counted",
        PAD,
        "left.sum(axis=0)",
        "left[0]",
    ),
    Bug("pad", "wrong order", "reflection not turned back", PAD, "+= right[::-1]", "+= right"),
    Bug(
        "pad", "wrong order", "the border is cut off only", PAD, 'case "reflect":', 'case "mirror":'
    ),
    Bug(
        "pad",
        "wrong axis",
        "the adapter's axes",
        "parity/backends/torch/operations/reshaping.py",
        "in reversed(widths)",
        "in widths",
    ),
    Bug(
        "tile",
        "wrong order",
        "each element repeated",
        TILE,
        "return np.tile(x, _counts(repeats))",
        "for axis, n in enumerate(_counts(repeats)):\n"
        "        x = np.repeat(x, n, axis)\n"
        "    return x.copy()",
    ),
    Bug(
        "tile",
        "overwritten gradient",
        "the largest copy for the sum",
        TILE,
        "np.add.reduce(apart, ",
        "np.fmax.reduce(apart, initial=0, ",
    ),
    Bug(
        "tile",
        "wrong operand",
        "places summed for copies",
        TILE,
        "(_counts(repeats), x.shape, strict",
        "(x.shape, _counts(repeats), strict",
    ),
    Bug(
        "slice",
        "stride or dilation lost",
        "steps lost",
        SLICE,
        "is None else steps\n",
        "is None else (1,) * len(starts)\n",
    ),
    Bug(
        "slice",
        "wrong order",
        "ends exchanged",
        SLICE,
        "map(builtins.slice, starts, stops, steps)",
        "map(builtins.slice, stops, starts, steps)",
    ),
    Bug("slice", "wrong order", "the cotangent turned around", SLICE, "] = dy", "] = np.flip(dy)"),
    Bug(
        "slice",
        "mask ignored",
        "what was not taken is 1",
        SLICE,
        "np.zeros(x.shape",
        "np.ones(x.shape",
    ),
    Bug(
        "pad",
        "pad off by one",
        "ends exchanged",
        PAD,
        "np.pad(x, widths, constant_values",
        "np.pad(x, [w[::-1] for w in widths], constant_values",
    ),
    Bug(
        "reshape",
        "wrong order",
        "cotangent in column-major order",
        RESHAPING,
        "dy.reshape(x.shape).copy()",
        'dy.reshape(x.shape, order="F").copy()',
    ),
    Bug(
        "pad",
        "wrong pad value",
        "0 for the value",
        PAD,
        "constant_values=x.dtype.type(value)",
        "constant_values=0",
    ),
)
