"""Cases of the one-dimensional convolution."""

from typing import TypeAlias

from parity.case import DTYPES, DTYPES_OF_PRODUCTS, ArraySpec, Case, OneOf
from parity.registry import excuse, register

Specs: TypeAlias = tuple[ArraySpec, ArraySpec, ArraySpec | None]
Shape: TypeAlias = tuple[int, ...]

OP = "conv1d"
WIDE = ("float32", "float64")
# N, W, C; KW, C, K
X, W, B = (2, 7, 3), (4, 3, 5), (5,)
USUAL = (ArraySpec(X), ArraySpec(W), ArraySpec(B))


def of(x: Shape, w: Shape, bias: bool = True) -> Specs:
    """Return specs of an input, weights and a bias in the layout NWC."""
    return ArraySpec(x), ArraySpec(w), ArraySpec(w[-1:]) if bias else None


for regime in ("typical", "offset", "tiny", "huge", "special"):
    values = "normal" if regime == "typical" else regime
    bias = "normal" if regime == "special" else values
    specs = (ArraySpec(X, values), ArraySpec(W), ArraySpec(B, bias))
    register(Case(OP, regime, regime, specs, dtypes=DTYPES_OF_PRODUCTS.get(regime, DTYPES)))

register(
    Case(OP, "no-bias", "typical", of(X, W, bias=False)),
    Case(OP, "int-padding", "typical", USUAL, {"padding": 2}),
    Case(OP, "pads", "typical", USUAL, {"padding": (3, 0)}),
    Case(OP, "same", "typical", USUAL, {"padding": "SAME"}),
    Case(OP, "same-stride", "typical", USUAL, {"padding": "SAME", "stride": 2}),
    Case(OP, "stride", "typical", USUAL, {"stride": 3}),
    Case(OP, "rows-of-blocks", "typical", of((2, 11, 12), (8, 12, 5)), dtypes=WIDE),
    Case(OP, "stride-above-kernel", "typical", of(X, (2, 3, 5)), {"stride": 3}),
    Case(OP, "dilation", "typical", USUAL, {"dilation": 2}),
    Case(OP, "dilation-causal", "typical", USUAL, {"dilation": 3, "padding": (9, 0)}),
    Case(OP, "kernel-is-input", "typical", of(X, (7, 3, 5))),
    Case(OP, "kernel-above-input", "typical", of((3, 4, 2), (6, 2, 5)), {"padding": "SAME"}),
    Case(OP, "one-cell", "typical", of(X, (1, 3, 5))),
    Case(OP, "one-channel", "typical", of((2, 70, 1), (5, 1, 4)), {"padding": "SAME"}),
    Case(OP, "many-channels", "typical", of((2, 6, 40), (3, 40, 7)), {"padding": "SAME"}),
    Case(OP, "groups", "typical", of((2, 7, 6), (4, 3, 10)), {"groups": 2}),
    Case(OP, "depthwise", "typical", of((2, 7, 3), (4, 1, 6)), {"groups": 3, "padding": "SAME"}),
    Case(
        OP,
        "channels-first",
        "typical",
        (ArraySpec((2, 3, 7)), ArraySpec((5, 3, 4)), ArraySpec(B)),
        {"layout": "NCW", "padding": (1, 2)},
    ),
    Case(
        OP,
        "drawn",
        "typical",
        (ArraySpec(("n", "w", 4)), ArraySpec((3, 2, "k")), ArraySpec(("k",))),
        {
            "stride": OneOf((1, 2, 3, 5)),
            "padding": OneOf(("SAME", "VALID", 1, 3, (0, 2), (3, 0))),
            "dilation": OneOf((1, 2, 3)),
            "groups": 2,
        },
        dims={"n": (1, 3), "w": (13, 17), "k": (6, 6)},
    ),
    Case(OP, "huge-weights", "huge", (ArraySpec(X), ArraySpec(W, "huge"), ArraySpec(B))),
    Case(
        OP,
        "cancelling",
        "cancelling",
        (
            ArraySpec((2, 7, 8), "paired"),
            ArraySpec((3, 8, 5), "repeated", axis=1),
            ArraySpec(B, "zeros"),
        ),
    ),
    Case(OP, "no-samples", "edge shapes", of((0, 7, 3), W)),
    Case(OP, "one", "edge shapes", of((1, 1, 1), (1, 1, 1))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in (X, W, B)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
    *(
        Case(
            OP,
            f"channels-first-{layout}",
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in ((2, 3, 7), (5, 3, 4), B)),
            {"layout": "NCW", "padding": "SAME"},
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse("conv1d", "*", "y", "the windows may be as many as another axis; axes of x and w differ")
