"""Cases of the two-dimensional convolution."""

from typing import TypeAlias

from parity.case import DTYPES, DTYPES_OF_PRODUCTS, ArraySpec, Case, OneOf
from parity.registry import excuse, register

Specs: TypeAlias = tuple[ArraySpec, ArraySpec, ArraySpec | None]
Shape: TypeAlias = tuple[int, ...]

OP = "conv2d"
WIDE = ("float32", "float64")
# N, H, W, C; KH, KW, C, K
X, W, B = (2, 6, 4, 3), (4, 2, 3, 5), (5,)
LAYOUTS = ("strided", "reversed", "transposed", "read_only")
USUAL = (ArraySpec(X), ArraySpec(W), ArraySpec(B))


def of(x: Shape, w: Shape, bias: bool = True) -> Specs:
    """Return specs of an input, weights and a bias in the layout NHWC."""
    return ArraySpec(x), ArraySpec(w), ArraySpec(w[-1:]) if bias else None


def channels_first(x: Shape, w: Shape) -> Specs:
    """Return the same in the layout NCHW."""
    return ArraySpec(x), ArraySpec(w), ArraySpec(w[:1])


for regime in ("typical", "offset", "tiny", "huge", "special"):
    values = "normal" if regime == "typical" else regime
    bias = "normal" if regime == "special" else values
    specs = (ArraySpec(X, values), ArraySpec(W), ArraySpec(B, bias))
    register(Case(OP, regime, regime, specs, dtypes=DTYPES_OF_PRODUCTS.get(regime, DTYPES)))

register(
    # Every length another one: no axis can pass for another.
    Case(OP, "distinct", "typical", of((2, 9, 8, 4), (3, 6, 4, 5)), {"padding": "SAME"}),
    Case(OP, "no-bias", "typical", of(X, W, bias=False)),
    Case(OP, "int-padding", "typical", USUAL, {"padding": 2}),
    Case(OP, "pads", "typical", USUAL, {"padding": ((0, 3), (2, 1))}),
    Case(OP, "wide-pads", "typical", of(X, (2, 1, 3, 5)), {"padding": ((3, 2), (4, 1))}),
    # Even kernels: the odd cell comes after.
    Case(OP, "same", "typical", USUAL, {"padding": "SAME"}),
    Case(OP, "same-stride", "typical", USUAL, {"padding": "SAME", "stride": 2}),
    Case(OP, "same-strides", "typical", USUAL, {"padding": "SAME", "stride": (2, 1)}),
    Case(OP, "same-odd", "typical", of(X, (5, 1, 3, 4)), {"padding": "SAME", "stride": (3, 2)}),
    Case(OP, "stride", "typical", of((2, 7, 5, 3), W), {"stride": 2}),
    Case(OP, "strides", "typical", USUAL, {"stride": (1, 2)}),
    Case(OP, "stride-above-kernel", "typical", of(X, (2, 1, 3, 5)), {"stride": (4, 3)}),
    Case(
        OP,
        "same-stride-above-kernel",
        "typical",
        of(X, (2, 1, 3, 5)),
        {"stride": (4, 3), "padding": "SAME"},
    ),
    Case(OP, "dilation", "typical", of(X, (2, 1, 3, 5)), {"dilation": (3, 2)}),
    Case(OP, "dilation-same", "typical", USUAL, {"dilation": (1, 3), "padding": "SAME"}),
    Case(
        OP,
        "dilation-stride",
        "typical",
        USUAL,
        {"dilation": (2, 3), "stride": (3, 2), "padding": ((2, 1), (0, 2))},
    ),
    Case(OP, "kernel-is-input", "typical", of(X, (6, 4, 3, 5))),
    Case(OP, "kernel-above-input", "typical", of((2, 4, 3, 5), (6, 4, 5, 3)), {"padding": "SAME"}),
    Case(OP, "one-cell", "typical", of((2, 6, 4, 3), (1, 1, 3, 5))),
    Case(OP, "one-cell-stride", "typical", of((2, 6, 4, 3), (1, 1, 3, 5)), {"stride": (2, 3)}),
    Case(OP, "one-cell-pads", "typical", of((2, 6, 4, 3), (1, 1, 3, 5)), {"padding": 1}),
    # One channel: windows are gathered cell by cell, in a batch of samples where they are large.
    Case(OP, "one-channel", "typical", of((2, 9, 8, 1), (5, 3, 1, 4)), {"padding": "SAME"}),
    Case(OP, "one-channel-stride", "typical", of((3, 8, 6, 1), (5, 3, 1, 4)), {"stride": 2}),
    # Rows of windows that fill blocks of a matrix unit, and one column of results. On CPUs with AMX
    # PyTorch (oneDNN) is wrong there in the half types: parity.selftest.alarms has when.
    Case(OP, "rows-of-blocks", "typical", of((2, 5, 11, 12), (3, 8, 12, 5)), dtypes=WIDE),
    Case(
        OP,
        "one-column-stride",
        "typical",
        of((2, 9, 6, 3), (4, 5, 3, 7)),
        {"stride": 2},
        dtypes=WIDE,
    ),
    Case(OP, "one-result", "typical", of((2, 6, 4, 3), (4, 2, 3, 1)), {"padding": "SAME"}),
    Case(OP, "many-channels", "typical", of((2, 6, 5, 40), (3, 2, 40, 7)), {"padding": "SAME"}),
    Case(OP, "many-results", "typical", of((2, 6, 5, 3), (4, 2, 3, 70)), {"padding": "SAME"}),
    Case(OP, "many-samples", "typical", of((70, 5, 4, 2), (3, 1, 2, 6)), {"stride": 2}),
    Case(OP, "groups", "typical", of((2, 4, 3, 6), (1, 2, 3, 8)), {"groups": 2}),
    Case(
        OP,
        "groups-same",
        "typical",
        of((2, 4, 3, 6), (3, 1, 2, 9)),
        {"groups": 3, "padding": "SAME", "stride": (2, 1)},
    ),
    Case(
        OP,
        "groups-dilation",
        "typical",
        of((2, 5, 7, 4), (4, 3, 2, 6)),
        {"groups": 2, "padding": ((2, 1), (1, 0)), "dilation": (2, 1)},
    ),
    Case(OP, "depthwise", "typical", of((2, 5, 4, 3), (4, 2, 1, 3)), {"groups": 3}),
    Case(
        OP,
        "depthwise-same",
        "typical",
        of((2, 5, 4, 3), (4, 2, 1, 3)),
        {"groups": 3, "padding": "SAME", "stride": (2, 1)},
    ),
    Case(
        OP,
        "depthwise-multiplier",
        "typical",
        of((2, 5, 4, 3), (4, 2, 1, 6)),
        {"groups": 3, "padding": ((1, 2), (0, 1)), "stride": (1, 2)},
    ),
    Case(
        OP,
        "depthwise-multiplier-dilation",
        "typical",
        of((2, 5, 4, 3), (2, 3, 1, 6)),
        {"groups": 3, "padding": "SAME", "dilation": (2, 1)},
    ),
    Case(
        OP,
        "channels-first",
        "typical",
        channels_first((2, 3, 6, 4), (5, 3, 4, 2)),
        {"layout": "NCHW"},
    ),
    Case(
        OP,
        "channels-first-same",
        "typical",
        channels_first((2, 3, 6, 4), (5, 3, 4, 2)),
        {"layout": "NCHW", "padding": "SAME", "stride": (1, 2)},
    ),
    Case(
        OP,
        "channels-first-groups",
        "typical",
        channels_first((2, 6, 4, 3), (8, 3, 1, 2)),
        {"layout": "NCHW", "groups": 2, "padding": ((0, 1), (2, 1))},
    ),
    Case(
        OP,
        "channels-first-depthwise",
        "typical",
        channels_first((2, 3, 5, 4), (6, 1, 4, 2)),
        {"layout": "NCHW", "groups": 3},
    ),
    Case(
        OP,
        "channels-first-one-cell",
        "typical",
        channels_first((2, 3, 6, 4), (5, 3, 1, 1)),
        {"layout": "NCHW"},
    ),
    Case(
        OP,
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "w", 3)), ArraySpec((4, 2, 3, "k")), ArraySpec(("k",))),
        {
            "stride": OneOf((1, 2, 3, (1, 2), (5, 1))),
            "padding": OneOf(("SAME", "VALID", 1, 3, ((0, 2), (1, 0)), ((3, 0), (0, 4)))),
            "dilation": OneOf((1, (1, 2), (1, 3))),
        },
        # Two windows to a row at least: for a single one of stride 2 the float16 kernel that
        # oneDNN 3.12 has for AMX is wrong.
        dims={"n": (1, 2), "h": (9, 12), "w": (7, 8), "k": (5, 9)},
    ),
    Case(
        OP,
        "drawn-channels-first",
        "typical",
        (ArraySpec(("n", 4, "h", "w")), ArraySpec((6, 2, 3, 1)), ArraySpec((6,))),
        {
            "stride": OneOf((1, 2, 3, (1, 2), (5, 1))),
            "padding": OneOf(("SAME", "VALID", 1, 3, ((0, 2), (1, 0)), ((3, 0), (0, 4)))),
            "dilation": OneOf((1, 2, (1, 3))),
            "groups": 2,
            "layout": "NCHW",
        },
        dims={"n": (1, 3), "h": (8, 11), "w": (5, 7)},
    ),
    Case(OP, "offset-same", "offset", USUAL, {"padding": "SAME", "stride": 2}),
    Case(
        OP,
        "tiny-weights",
        "tiny",
        (ArraySpec(X), ArraySpec(W, "tiny"), ArraySpec(B, "tiny")),
        dtypes=DTYPES_OF_PRODUCTS["tiny"],
    ),
    Case(
        OP,
        "tiny-depthwise",
        "tiny",
        (ArraySpec((2, 5, 4, 3), "tiny"), ArraySpec((4, 2, 1, 3)), ArraySpec((3,), "tiny")),
        {"groups": 3},
        dtypes=DTYPES_OF_PRODUCTS["tiny"],
    ),
    Case(OP, "huge-weights", "huge", (ArraySpec(X), ArraySpec(W, "huge"), ArraySpec(B))),
    Case(
        OP,
        "cancelling",
        "cancelling",
        (
            ArraySpec((2, 6, 4, 8), "paired"),
            ArraySpec((3, 1, 8, 5), "repeated", axis=2),
            ArraySpec(B, "zeros"),
        ),
        {"padding": "SAME"},
    ),
    Case(
        OP,
        "special-same",
        "special",
        (ArraySpec((5, 6, 4, 3), "some nan"), ArraySpec((2, 1, 3, 5)), ArraySpec(B)),
        {"padding": "SAME", "stride": (2, 1)},
        dtypes=DTYPES_OF_PRODUCTS["special"],
    ),
    Case(OP, "no-samples", "edge shapes", of((0, 6, 4, 3), W)),
    Case(OP, "no-samples-same", "edge shapes", of((0, 6, 4, 3), W), {"padding": "SAME"}),
    Case(OP, "one", "edge shapes", of((1, 1, 1, 1), (1, 1, 1, 1))),
    Case(OP, "one-row", "edge shapes", of((1, 1, 9, 1), (1, 4, 1, 1))),
    Case(OP, "one-column", "edge shapes", of((1, 9, 1, 1), (4, 1, 1, 1)), {"padding": "SAME"}),
    *(
        Case(
            OP,
            layout,
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in (X, W, B)),
        )
        for layout in LAYOUTS
    ),
    *(
        Case(
            OP,
            f"same-{layout}",
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in (X, W, B)),
            {"padding": "SAME", "stride": 2},
        )
        for layout in LAYOUTS
    ),
    *(
        Case(
            OP,
            f"channels-first-{layout}",
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in ((2, 3, 6, 4), (5, 3, 4, 2), B)),
            {"layout": "NCHW"},
        )
        for layout in LAYOUTS
    ),
)

excuse("conv2d", "*", "y", "the windows may be as many as another axis; axes of x and w differ")
