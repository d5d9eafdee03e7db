"""Cases of the two-dimensional transposed convolution."""

from typing import TypeAlias

from parity.case import DTYPES, DTYPES_OF_PRODUCTS, ArraySpec, Case, OneOf
from parity.registry import excuse, register

Specs: TypeAlias = tuple[ArraySpec, ArraySpec, ArraySpec | None]
Shape: TypeAlias = tuple[int, ...]

OP = "conv2d_transpose"
WIDE = ("float32", "float64")
# N, H, W, C; KH, KW, K, C
X, W, B = (2, 6, 4, 3), (4, 2, 5, 3), (5,)
LAYOUTS = ("strided", "reversed", "transposed", "read_only")
USUAL = (ArraySpec(X), ArraySpec(W), ArraySpec(B))


def of(x: Shape, w: Shape, groups: int = 1, bias: bool = True) -> Specs:
    """Return specs of an input, weights and a bias in the layout NHWC."""
    return ArraySpec(x), ArraySpec(w), ArraySpec((w[-2] * groups,)) if bias else None


def channels_first(x: Shape, w: Shape, groups: int = 1) -> Specs:
    """Return the same in the layout NCHW."""
    return ArraySpec(x), ArraySpec(w), ArraySpec((w[1] * groups,))


for regime in ("typical", "offset", "tiny", "huge", "special"):
    values = "normal" if regime == "typical" else regime
    bias = "normal" if regime == "special" else values
    specs = (ArraySpec(X, values), ArraySpec(W), ArraySpec(B, bias))
    dtypes = DTYPES_OF_PRODUCTS.get(regime, DTYPES)
    register(Case(OP, regime, regime, specs, {"stride": 2}, dtypes=dtypes))

register(
    # Every length another one: no axis can pass for another.
    Case(OP, "distinct", "typical", of((2, 9, 8, 4), (3, 6, 5, 4)), {"stride": (2, 1)}),
    Case(OP, "no-bias", "typical", of(X, W, bias=False), {"stride": (1, 2)}),
    # With stride 1 it is the convolution with the flipped kernel.
    Case(OP, "stride-1", "typical", USUAL),
    Case(OP, "stride-1-pads", "typical", USUAL, {"padding": ((0, 3), (1, 0))}),
    Case(OP, "stride-1-same", "typical", USUAL, {"padding": "SAME"}),
    # Pads of the kernel's span and more take away cells that windows fill.
    Case(OP, "wide-pads", "typical", of(X, (2, 1, 5, 3)), {"padding": ((2, 3), (1, 1))}),
    Case(OP, "int-padding", "typical", USUAL, {"padding": 1, "stride": (3, 2)}),
    Case(OP, "pads", "typical", USUAL, {"padding": ((0, 3), (2, 1)), "stride": 2}),
    Case(OP, "same", "typical", USUAL, {"padding": "SAME", "stride": 2}),
    Case(OP, "same-odd", "typical", of(X, (5, 2, 4, 3)), {"padding": "SAME", "stride": (2, 3)}),
    Case(
        OP,
        "same-stride-above-kernel",
        "typical",
        of(X, (2, 1, 5, 3)),
        {"padding": "SAME", "stride": (4, 3)},
    ),
    Case(OP, "stride-above-kernel", "typical", of(X, (2, 1, 5, 3)), {"stride": (4, 3)}),
    Case(OP, "rows-of-blocks", "typical", of((2, 3, 4, 5), (2, 8, 12, 5)), dtypes=WIDE),
    Case(OP, "output-padding", "typical", USUAL, {"stride": 3, "output_padding": (2, 1)}),
    Case(
        OP,
        "output-padding-pads",
        "typical",
        USUAL,
        {"stride": (2, 3), "output_padding": 1, "padding": 1},
    ),
    Case(
        OP,
        "output-padding-dilation",
        "typical",
        of(X, (2, 4, 5, 3)),
        {"dilation": (3, 2), "output_padding": (2, 1)},
        # For such an output_padding PyTorch leaves oneDNN, and adds windows up in the half type.
        dtypes=("float32", "float64"),
    ),
    Case(OP, "dilation", "typical", USUAL, {"dilation": (2, 3)}),
    Case(OP, "dilation-same", "typical", USUAL, {"dilation": (2, 3), "padding": "SAME"}),
    Case(
        OP,
        "dilation-stride",
        "typical",
        USUAL,
        {"dilation": (2, 1), "stride": (3, 2), "padding": ((1, 0), (0, 2))},
    ),
    Case(OP, "one-cell", "typical", of(X, (1, 1, 5, 3))),
    Case(OP, "one-cell-stride", "typical", of(X, (1, 1, 5, 3)), {"stride": (2, 3)}),
    Case(OP, "one-channel", "typical", of((2, 9, 8, 1), (5, 3, 4, 1)), {"stride": (2, 1)}),
    Case(OP, "one-result", "typical", of((2, 6, 5, 4), (3, 2, 1, 4)), {"stride": (1, 2)}),
    Case(OP, "many-channels", "typical", of((2, 6, 5, 70), (3, 2, 7, 70)), {"stride": 2}),
    Case(OP, "many-results", "typical", of((2, 6, 5, 3), (4, 2, 40, 3))),
    Case(
        OP,
        "groups",
        "typical",
        of((2, 4, 3, 6), (1, 2, 4, 6), groups=2),
        {"groups": 2, "stride": 2},
    ),
    Case(
        OP,
        "groups-stride-1",
        "typical",
        of((2, 4, 3, 6), (3, 1, 2, 6), groups=3),
        {"groups": 3, "padding": "SAME"},
    ),
    Case(
        OP,
        "depthwise",
        "typical",
        of((2, 5, 4, 3), (4, 2, 1, 3), groups=3),
        {"groups": 3, "stride": 2, "padding": ((1, 2), (0, 1))},
    ),
    Case(
        OP,
        "depthwise-stride-1",
        "typical",
        of((2, 5, 4, 3), (4, 2, 1, 3), groups=3),
        {"groups": 3, "padding": "SAME"},
    ),
    # Three results of six channels: each is the sum of two.
    Case(
        OP,
        "depthwise-multiplier",
        "typical",
        of((2, 4, 3, 6), (4, 2, 1, 6), groups=3),
        {"groups": 3, "stride": (2, 1)},
    ),
    Case(
        OP,
        "channels-first",
        "typical",
        channels_first((2, 3, 6, 4), (3, 5, 4, 2)),
        {"layout": "NCHW", "stride": 2},
    ),
    Case(
        OP,
        "channels-first-same",
        "typical",
        channels_first((2, 3, 6, 4), (3, 5, 4, 2)),
        {"layout": "NCHW", "padding": "SAME", "stride": (1, 2)},
    ),
    Case(
        OP,
        "channels-first-groups",
        "typical",
        channels_first((2, 6, 4, 3), (6, 4, 1, 2), groups=2),
        {"layout": "NCHW", "groups": 2, "stride": (2, 3), "output_padding": (0, 1)},
    ),
    Case(
        OP,
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "w", 3)), ArraySpec((4, 2, "k", 3)), ArraySpec(("k",))),
        {
            "stride": OneOf((1, 2, 3, (1, 2), (5, 1))),
            "padding": OneOf(("SAME", "VALID", 1, ((0, 2), (1, 0)), ((3, 0), (0, 2)))),
            "dilation": OneOf((1, 2, (1, 3))),
        },
        dims={"n": (1, 2), "h": (6, 9), "w": (4, 5), "k": (5, 9)},
    ),
    Case(
        OP,
        "drawn-channels-first",
        "typical",
        (ArraySpec(("n", 4, "h", "w")), ArraySpec((4, 3, 5, 2)), ArraySpec((6,))),
        {
            "stride": OneOf((2, 3, (2, 3))),
            "padding": OneOf(("VALID", 1, 2, ((0, 2), (1, 0)), ((3, 0), (0, 2)))),
            "output_padding": OneOf((0, 1, (1, 0))),
            "dilation": OneOf((1, 2, (1, 3))),
            "groups": 2,
            "layout": "NCHW",
        },
        dims={"n": (1, 3), "h": (8, 11), "w": (5, 7)},
    ),
    Case(
        OP,
        "tiny-weights",
        "tiny",
        (ArraySpec(X), ArraySpec(W, "tiny"), ArraySpec(B, "tiny")),
        dtypes=DTYPES_OF_PRODUCTS["tiny"],
    ),
    Case(OP, "huge-weights", "huge", (ArraySpec(X), ArraySpec(W, "huge"), ArraySpec(B))),
    Case(
        OP,
        "cancelling",
        "cancelling",
        (
            ArraySpec((2, 6, 4, 8), "paired"),
            ArraySpec((3, 1, 5, 8), "repeated"),
            ArraySpec(B, "zeros"),
        ),
        {"stride": (2, 1)},
    ),
    Case(
        OP,
        "special-stride-1",
        "special",
        (ArraySpec(X, "some nan"), ArraySpec((2, 1, 5, 3)), ArraySpec(B)),
        dtypes=DTYPES_OF_PRODUCTS["special"],
    ),
    Case(OP, "no-samples", "edge shapes", of((0, 6, 4, 3), W), {"stride": 2}),
    Case(OP, "no-samples-same", "edge shapes", of((0, 6, 4, 3), W), {"padding": "SAME"}),
    Case(OP, "one", "edge shapes", of((1, 1, 1, 1), (1, 1, 1, 1))),
    Case(OP, "one-window", "edge shapes", of((1, 1, 1, 1), (3, 4, 1, 1)), {"stride": 2}),
    *(
        Case(
            OP,
            f"stride-{stride}-{layout}" if stride > 1 else layout,
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in (X, W, B)),
            {"stride": stride},
        )
        for layout in LAYOUTS
        for stride in (1, 2)
    ),
    *(
        Case(
            OP,
            f"channels-first-{layout}",
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in ((2, 3, 6, 4), (3, 5, 4, 2), B)),
            {"layout": "NCHW", "stride": 2},
        )
        for layout in LAYOUTS
    ),
)

excuse(
    "conv2d_transpose",
    "*",
    "y",
    "the windows may be as many as another axis; axes of x and w differ",
)
