"""Cases of the squared error, in every named reduction."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

OP = "mean_squared_error"
REDUCTIONS = ("none", "sum", "mean", "half_sum", "half_mean_rows", "sum_rows")
SHAPE = (7, 4)

for reduction in REDUCTIONS:
    every = {"reduction": reduction}
    register(
        Case(OP, reduction, "typical", (ArraySpec(SHAPE), ArraySpec(SHAPE)), every),
        Case(
            OP, f"{reduction}-cube", "typical", (ArraySpec((3, 5, 2)), ArraySpec((3, 5, 2))), every
        ),
        Case(OP, f"{reduction}-vector", "edge shapes", (ArraySpec((6,)), ArraySpec((6,))), every),
        Case(
            OP,
            f"{reduction}-offset",
            "offset",
            (ArraySpec(SHAPE, "offset"), ArraySpec(SHAPE, "offset")),
            every,
        ),
    )

register(
    Case(OP, "tiny", "tiny", (ArraySpec(SHAPE, "tiny"), ArraySpec(SHAPE, "tiny"))),
    Case(OP, "huge", "huge", (ArraySpec(SHAPE, "huge root"), ArraySpec(SHAPE, "huge root"))),
    Case(OP, "cancelling", "cancelling", (ArraySpec(SHAPE, "close"), ArraySpec(SHAPE, "close"))),
    Case(
        OP,
        "special",
        "special",
        (ArraySpec(SHAPE, "special"), ArraySpec(SHAPE)),
        {"reduction": "none"},
    ),
    Case(OP, "kinks", "kinks", (ArraySpec(SHAPE, "kinks"), ArraySpec(SHAPE, "kinks"))),
    Case(OP, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
    Case(OP, "scalar", "edge shapes", (ArraySpec(()), ArraySpec(()))),
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

excuse(
    "mean_squared_error", "tiny", "y", "squares of tiny values underflow: nothing must come of them"
)
