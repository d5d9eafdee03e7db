"""Cases of max_pool2d, avg_pool2d and the global pools."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

X = (2, 9, 7, 3)
SMALL = (2, 6, 4, 3)
WINDOWS = {"kernel": 3, "stride": 2, "padding": 1}

for op in ("max_pool2d", "avg_pool2d"):
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
    ):
        register(Case(op, regime, regime, (ArraySpec(X, values),), WINDOWS))
    for name, shape, options in (
        # Windows that share no cell, by default or with gaps between them.
        ("tiles", SMALL, {"kernel": 2}),
        ("tiles-and-rest", X, {"kernel": (2, 3)}),
        ("stride-above-kernel", X, {"kernel": 2, "stride": 3}),
        # Windows that overlap.
        ("overlapping", X, {"kernel": 3, "stride": 2}),
        ("stride-1", SMALL, {"kernel": 3, "stride": 1}),
        ("stride-of-rows", SMALL, {"kernel": (2, 3), "stride": (2, 1)}),
        ("same", (2, 7, 8, 3), {"kernel": 3, "stride": 2, "padding": "SAME"}),
        ("same-even-kernel", SMALL, {"kernel": (4, 2), "stride": 1, "padding": "SAME"}),
        ("kernel-above-input", SMALL, {"kernel": (7, 5), "stride": (2, 1), "padding": "SAME"}),
        (
            "asymmetric-pads",
            (2, 8, 6, 3),
            {"kernel": (3, 2), "stride": (2, 1), "padding": ((1, 0), (0, 1))},
        ),
        ("dilation", X, {"kernel": (2, 3), "stride": 1, "dilation": (4, 2)}),
        (
            "dilation-pads",
            (2, 8, 6, 3),
            {"kernel": 3, "stride": 2, "padding": 2, "dilation": (2, 1)},
        ),
        ("ceil-mode", (2, 8, 6, 3), {"kernel": 3, "stride": 2, "ceil_mode": True}),
        (
            "ceil-mode-pads",
            (2, 8, 6, 3),
            {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        ),
        # The window is larger than the input, by less than a stride: it is the only one.
        ("ceil-mode-above-input", (5, 2, 4, 3), {"kernel": 3, "stride": 2, "ceil_mode": True}),
        # The last window would start in the pads, and is none.
        ("ceil-mode-drops", SMALL, {"kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True}),
        (
            "ceil-mode-dilation",
            (2, 8, 6, 3),
            {
                "kernel": 2,
                "stride": (2, 3),
                "padding": ((2, 0), (0, 1)),
                "dilation": 3,
                "ceil_mode": True,
            },
        ),
        ("one-row", (2, 1, 9, 3), {"kernel": (1, 3), "stride": 2, "padding": ((0, 0), (1, 1))}),
        ("nchw", (2, 3, 9, 7), {**WINDOWS, "layout": "NCHW"}),
        (
            "nchw-same",
            (2, 3, 6, 4),
            {"kernel": (2, 3), "stride": 1, "padding": "SAME", "layout": "NCHW"},
        ),
    ):
        register(Case(op, name, "typical", (ArraySpec(shape),), options))
    register(
        # Nothing is under some of these windows: -inf, or NaN.
        Case(op, "wide-pads", "special", (ArraySpec(SMALL),), {"kernel": 2, "padding": 3}),
        # A dilated window whose cells are all in the pads around the input.
        Case(
            op,
            "dilation-around-input",
            "special",
            (ArraySpec((5, 2, 4, 3)),),
            {
                "kernel": (2, 1),
                "stride": 1,
                "padding": ((1, 1), (0, 0)),
                "dilation": (3, 1),
            },
        ),
        Case(op, "no-samples", "edge shapes", (ArraySpec((0, 6, 4, 3)),), WINDOWS),
        Case(op, "one", "edge shapes", (ArraySpec((1, 1, 1, 1)),), {"kernel": 1}),
        Case(op, "whole-input", "edge shapes", (ArraySpec(SMALL),), {"kernel": (6, 4)}),
        *(
            Case(op, layout, "layouts", (ArraySpec(SMALL, layout=layout),), WINDOWS)
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

DRAWN = {"n": (2, 3), "c": (4, 5), "h": (7, 9), "w": (10, 12)}
CHOICES = {
    "kernel": OneOf((2, 3, (3, 2), (2, 4), (4, 3))),
    "stride": OneOf((None, 1, 2, (1, 3))),
    "padding": OneOf(("SAME", "VALID", 1, ((0, 1), (2, 0)))),
    "dilation": OneOf((1, 2, (1, 2))),
    "ceil_mode": OneOf((False, True)),
}
for i in range(4):
    for layout, axes in (("NHWC", ("n", "h", "w", "c")), ("NCHW", ("n", "c", "h", "w"))):
        name, options = f"drawn-{layout}-{i}".lower(), {**CHOICES, "layout": layout}
        counting = {**options, "count_include_pad": OneOf((False, True))}
        register(
            Case("max_pool2d", name, "typical", (ArraySpec(axes),), options, dims=DRAWN),
            Case("avg_pool2d", name, "typical", (ArraySpec(axes),), counting, dims=DRAWN),
        )

register(
    # Ties go to the first cell in row-major order, with the sign of its zero.
    Case("max_pool2d", "kinks", "kinks", (ArraySpec(X, "kinks"),), WINDOWS),
    Case("max_pool2d", "kinks-tiles", "kinks", (ArraySpec(X, "kinks"),), {"kernel": (1, 2)}),
    Case("max_pool2d", "zeros", "kinks", (ArraySpec(SMALL, "zeros"),), {"kernel": 3, "stride": 1}),
    # Pads are no cells: a real -inf is chosen before them.
    Case("max_pool2d", "masked", "special", (ArraySpec(X, "masked"),), {"kernel": 2, "padding": 1}),
    # Negative values: pads of 0 would be the maximum.
    Case("max_pool2d", "negative", "typical", (ArraySpec(X, "negative"),), WINDOWS),
    # The first of several NaN is chosen; which one it is shows in the VJP alone.
    Case("max_pool2d", "special", "special", (ArraySpec(X, "special"),), {"kernel": 3}),
    Case("max_pool2d", "values", "special", (ArraySpec(X, "special"),), WINDOWS, vjp=False),
    Case("avg_pool2d", "special", "special", (ArraySpec(X, "special"),), {"kernel": 2}),
    Case(
        "avg_pool2d",
        "cancelling",
        "cancelling",
        (ArraySpec((2, 5, 8, 3), "paired", axis=2),),
        {"kernel": (3, 4), "stride": (1, 2)},
        ("float32", "float64"),  # several kernels in a half type may round all of it away
    ),
)

for name, shape, options in (
    ("", X, WINDOWS),
    ("-same", (2, 7, 8, 3), {"kernel": 3, "stride": 2, "padding": "SAME"}),
    ("-asymmetric", SMALL, {"kernel": (3, 2), "stride": 1, "padding": ((2, 0), (0, 1))}),
    ("-dilation", X, {"kernel": 3, "stride": 2, "padding": 2, "dilation": (1, 2)}),
    (
        "-ceil-mode",
        (2, 8, 6, 3),
        {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    ),
    (
        "-ceil-mode-asymmetric",
        (2, 8, 6, 3),
        {"kernel": (4, 3), "stride": 3, "padding": ((1, 2), (1, 0)), "ceil_mode": True},
    ),
    ("-nchw", (2, 3, 9, 7), {**WINDOWS, "layout": "NCHW"}),
):
    register(
        Case(
            "avg_pool2d",
            f"count-include-pad{name}",
            "typical",
            (ArraySpec(shape),),
            {**options, "count_include_pad": True},
        )
    )
register(
    Case(
        "avg_pool2d",
        "count-include-wide-pads",
        "edge shapes",
        (ArraySpec(SMALL),),
        {"kernel": 2, "padding": 3, "count_include_pad": True},
    )
)

for op in ("global_max_pool2d", "global_avg_pool2d"):
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("special", "special"),
    ):
        register(Case(op, regime, regime, (ArraySpec(SMALL, values),)))
    register(
        Case(op, "larger", "typical", (ArraySpec((3, 11, 7, 5)),)),
        Case(op, "keepdims", "typical", (ArraySpec((3, 5, 4, 2)),), {"keepdims": True}),
        Case(op, "nchw", "typical", (ArraySpec((2, 3, 6, 4)),), {"layout": "NCHW"}),
        Case(
            op,
            "nchw-keepdims",
            "typical",
            (ArraySpec((2, 3, 6, 4)),),
            {"layout": "NCHW", "keepdims": True},
        ),
        Case(op, "no-samples", "edge shapes", (ArraySpec((0, 6, 4, 3)),)),
        Case(op, "one", "edge shapes", (ArraySpec((1, 1, 1, 1)),)),
        *(
            Case(op, layout, "layouts", (ArraySpec(SMALL, layout=layout),))
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

register(
    # Ties go to the first cell in row-major order.
    Case("global_max_pool2d", "kinks", "kinks", (ArraySpec(SMALL, "kinks"),)),
    Case("global_max_pool2d", "masked", "special", (ArraySpec((3, 2, 1, 5), "masked"),)),
    Case(
        "global_max_pool2d", "values", "special", (ArraySpec((2, 3, 4, 5), "special"),), vjp=False
    ),
    Case(
        "global_avg_pool2d",
        "cancelling",
        "cancelling",
        (ArraySpec(SMALL, "paired", axis=2),),
    ),
)

GRID = "the windows are as many along two axes as options make them; those of x differ"
for op in ("avg_pool2d", "max_pool2d"):
    excuse(op, "*", "y", GRID)
    excuse(op, "dilation-around-input", "dx", "every window is around the input")
excuse("max_pool2d", "zeros", "y", "every value is a zero: their signs are compared")
