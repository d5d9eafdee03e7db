"""Cases of maximum, minimum, max and min."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

REGIMES = (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("special", "special"),
    # Ties: maximum and minimum halve the cotangent, max and min share it evenly.
    ("kinks", "ties"),
)
DRAWN = {"n": (2, 4), "h": (5, 7), "c": (8, 10)}
LAYOUTS = ("strided", "reversed", "transposed", "read_only")

for op in ("maximum", "minimum"):
    for regime, values in REGIMES:
        register(Case(op, regime, regime, (ArraySpec((5, 7), values), ArraySpec((5, 7), values))))
    zeros = ArraySpec((6, 7), "signed zeros")
    register(
        # -0 is smaller than +0 (IEEE 754-2019), and the two tie in the VJP.
        Case(op, "signed-zeros", "kinks", (zeros, zeros)),
        Case(
            op,
            "drawn",
            "typical",
            (ArraySpec(("n", "h", "c")), ArraySpec(("h", 1))),
            dims=DRAWN,
        ),
        Case(op, "broadcast-ties", "kinks", (ArraySpec((6, 4), "ties"), ArraySpec((4,), "ties"))),
        *(
            Case(op, f"broadcast-{name}", "typical", (ArraySpec(a), ArraySpec(b)))
            for name, a, b in (
                ("row", (5, 7), (7,)),
                ("column", (5, 7), (5, 1)),
                ("first-row", (1, 7), (5, 7)),
                ("both", (4, 1, 3), (2, 3)),
                ("scalar", (), (2, 3)),
            )
        ),
        *(
            Case(op, name, "edge shapes", (ArraySpec(shape), ArraySpec(shape)))
            for name, shape in (("empty", (0, 3)), ("one", (1, 1)), ("scalar", ()))
        ),
        *(
            Case(
                op,
                layout,
                "layouts",
                (ArraySpec((5, 7), layout=layout), ArraySpec((5, 7), layout=layout)),
            )
            for layout in LAYOUTS
        ),
    )

for op in ("max", "min"):
    for regime, values in REGIMES:
        spec = ArraySpec((4, 6, 5), values)
        register(
            Case(op, f"{regime}-all", regime, (spec,)),
            Case(op, f"{regime}-last", regime, (spec,), {"axis": -1}),
        )
    spec = ArraySpec((3, 5, 7))
    register(
        Case(op, "signed-zeros", "kinks", (ArraySpec((30, 3), "signed zeros"),), {"axis": 1}),
        Case(
            op,
            "drawn",
            "typical",
            (ArraySpec(("n", "h", "c")),),
            {"axis": OneOf((None, 0, 1, -1, (0, 2), (-2, -1))), "keepdims": OneOf((True, False))},
            dims=DRAWN,
        ),
        Case(op, "first-axis", "typical", (spec,), {"axis": 0}),
        Case(op, "middle-axis-kept", "typical", (spec,), {"axis": 1, "keepdims": True}),
        Case(op, "two-axes", "typical", (spec,), {"axis": (0, -1)}),
        Case(op, "two-axes-kept", "typical", (spec,), {"axis": (1, 2), "keepdims": True}),
        Case(op, "all-kept", "typical", (spec,), {"keepdims": True}),
        Case(op, "no-results", "edge shapes", (ArraySpec((0, 3)),), {"axis": 1}),
        Case(op, "one", "edge shapes", (ArraySpec((1, 1)),)),
        Case(op, "scalar", "edge shapes", (ArraySpec(()),)),
        *(
            Case(op, layout, "layouts", (ArraySpec((5, 7), layout=layout),), {"axis": 0})
            for layout in LAYOUTS
        ),
    )

ZEROS = "every value is a zero: their signs are compared"
for op in ("maximum", "minimum", "max", "min"):
    excuse(op, "signed-zeros", "y", ZEROS)
ALONE = "of two numbers one is chosen"
excuse("maximum", "one", "da", ALONE)
excuse("maximum", "scalar", "db", ALONE)
excuse("minimum", "one", "db", ALONE)
excuse("minimum", "scalar", "da", ALONE)
