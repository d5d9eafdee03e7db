"""Cases of the Huber loss and the smooth L1 loss."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

SHAPE = (7, 4)
Y = ArraySpec(SHAPE)

for op, option, values in (
    ("huber", "delta", (0.1, 0.5, 1.0, 2.7)),
    ("smooth_l1", "beta", (0.0, 0.1, 0.5, 1.0, 2.7)),
):
    for reduction in ("none", "sum", "mean"):
        for value in values:
            every = {"reduction": reduction, option: value}
            register(Case(op, f"{reduction}-{option}-{value:g}", "typical", (Y, Y), every))
    for regime, draw in (
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("cancelling", "close"),
    ):
        both = (ArraySpec(SHAPE, draw), ArraySpec(SHAPE, draw))
        register(Case(op, regime, regime, both, {option: 0.7}))
    register(
        Case(op, "defaults", "typical", (Y, Y)),
        # All of them squared, and near the largest number when they are.
        Case(op, "huge-root", "huge", (ArraySpec(SHAPE, "huge root"), Y), {option: 1e4}),
        Case(op, "special", "special", (ArraySpec(SHAPE, "special"), Y), {"reduction": "none"}),
        # |d| of 0, and of 1/2 and 1, where the loss turns from squared to absolute: both branches
        # have the same value and the same slope there.
        *(
            Case(
                op,
                f"kinks-{value:g}",
                "kinks",
                (ArraySpec(SHAPE, "kinks"), ArraySpec(SHAPE, "kinks")),
                {option: value, "reduction": "none"},
            )
            for value in (0.5, 1.0)
        ),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
        Case(op, "one", "edge shapes", (ArraySpec((1,)), ArraySpec((1,)))),
        Case(op, "scalar", "edge shapes", (ArraySpec(()), ArraySpec(()))),
        Case(op, "cube", "edge shapes", (ArraySpec((3, 5, 2)), ArraySpec((3, 5, 2)))),
        *(
            Case(
                op,
                layout,
                "layouts",
                (ArraySpec(SHAPE, layout=layout), ArraySpec(SHAPE, layout=layout)),
            )
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

# sign(0) is 0, as in l1.
register(
    Case(
        "smooth_l1",
        "kinks-0",
        "kinks",
        (ArraySpec(SHAPE, "kinks"), ArraySpec(SHAPE, "kinks")),
        {"beta": 0.0, "reduction": "none"},
    ),
)

for op in ("huber", "smooth_l1"):
    excuse(op, "tiny", "y", "squares of tiny values underflow: nothing must come of them")
