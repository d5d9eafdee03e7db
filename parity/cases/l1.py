"""Cases of the absolute error."""

from parity.case import ArraySpec, Case
from parity.registry import register

OP = "l1"
SHAPE = (7, 4)

for reduction in ("none", "sum", "mean"):
    every = {"reduction": reduction}
    register(
        Case(OP, reduction, "typical", (ArraySpec(SHAPE), ArraySpec(SHAPE)), every),
        # d = 0 has the slope 0.
        Case(
            OP,
            f"{reduction}-kinks",
            "kinks",
            (ArraySpec(SHAPE, "kinks"), ArraySpec(SHAPE, "kinks")),
            every,
        ),
    )

for regime, draw in (
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("cancelling", "close"),
):
    register(Case(OP, regime, regime, (ArraySpec(SHAPE, draw), ArraySpec(SHAPE, draw))))

register(
    Case(
        OP,
        "special",
        "special",
        (ArraySpec(SHAPE, "special"), ArraySpec(SHAPE)),
        {"reduction": "none"},
    ),
    Case(OP, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
    Case(OP, "one", "edge shapes", (ArraySpec((1,)), ArraySpec((1,)))),
    Case(OP, "scalar", "edge shapes", (ArraySpec(()), ArraySpec(()))),
    Case(OP, "cube", "edge shapes", (ArraySpec((3, 5, 2)), ArraySpec((3, 5, 2)))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec(SHAPE, layout=layout), ArraySpec(SHAPE, layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
