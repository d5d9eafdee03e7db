"""Cases of add, subtract, multiply and square."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

for op in ("add", "subtract", "multiply"):
    for regime in ("typical", "offset", "tiny", "huge"):
        other = (
            "normal"
            if op == "multiply" and regime == "huge"
            else {"typical": "normal"}.get(regime, regime)
        )
        first = "normal" if regime == "typical" else regime
        register(
            Case(op, regime, regime, (ArraySpec((5, 7), first), ArraySpec((5, 7), other))),
        )
    register(
        Case(op, "cancelling", "cancelling", (ArraySpec((6, 4), "paired"), ArraySpec((6, 4)))),
        Case(op, "broadcast-row", "typical", (ArraySpec((5, 7)), ArraySpec((7,)))),
        Case(op, "broadcast-column", "typical", (ArraySpec((5, 7)), ArraySpec((5, 1)))),
        Case(op, "broadcast-first-row", "typical", (ArraySpec((1, 7)), ArraySpec((5, 7)))),
        Case(op, "broadcast-both", "typical", (ArraySpec((4, 1, 3)), ArraySpec((2, 3)))),
        Case(op, "broadcast-scalar", "typical", (ArraySpec(()), ArraySpec((2, 3)))),
        Case(
            op,
            "special",
            "special",
            (ArraySpec((5, 7), "special"), ArraySpec((5, 7), "special")),
        ),
        Case(op, "kinks", "kinks", (ArraySpec((6, 7), "kinks"), ArraySpec((6, 7), "kinks"))),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
        Case(op, "one", "edge shapes", (ArraySpec((1, 1)), ArraySpec((1, 1)))),
        Case(op, "scalar", "edge shapes", (ArraySpec(()), ArraySpec(()))),
    )
    for layout in ("strided", "reversed", "transposed", "read_only"):
        register(
            Case(
                op,
                layout,
                "layouts",
                (ArraySpec((5, 7), layout=layout), ArraySpec((5, 7), layout=layout)),
            )
        )

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge root"),
    ("special", "special"),
    ("kinks", "kinks"),
):
    register(Case("square", regime, regime, (ArraySpec((5, 7), values),)))
register(
    Case("square", "overflow", "special", (ArraySpec((3, 4), "huge"),)),
    Case("square", "empty", "edge shapes", (ArraySpec((0, 3)),)),
    Case("square", "scalar", "edge shapes", (ArraySpec(()),)),
    *(
        Case("square", layout, "layouts", (ArraySpec((5, 7), layout=layout),))
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

UNDERFLOW = "products of tiny values underflow: nothing must come of them"
excuse("multiply", "tiny", "y", UNDERFLOW)
excuse("square", "tiny", "y", UNDERFLOW)
