"""Cases of reshape and transpose."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import register

SHAPE = (3, 4, 5)

for op, name, inner, options in (
    ("reshape", "merged", SHAPE, {"shape": (12, 5)}),
    ("reshape", "split", SHAPE, {"shape": (6, -1, 5)}),
    ("reshape", "flat", SHAPE, {"shape": -1}),
    ("reshape", "ones", SHAPE, {"shape": (1, -1, 1, 4)}),
    ("transpose", "reversed-axes", SHAPE, {}),
    ("transpose", "cycled", SHAPE, {"axes": (2, 0, 1)}),
    ("transpose", "negative", SHAPE, {"axes": (0, -1, 1)}),
    ("transpose", "channels-first", (2, 3, 5, 7), {"axes": (0, 3, 1, 2)}),
    ("transpose", "vector", (9,), {"axes": (0,)}),
):
    register(Case(op, name, "typical", (ArraySpec(inner),), options))

for op, options, empty, no_axes in (
    ("reshape", {"shape": (10, 6)}, {"shape": (6, 0)}, {"shape": ()}),
    ("transpose", {"axes": (1, 2, 0)}, {}, {"axes": ()}),
):
    register(
        *(
            Case(op, regime, regime, (ArraySpec(SHAPE, values),), options)
            for regime, values in (
                ("tiny", "tiny"),
                ("huge", "huge"),
                ("kinks", "kinks"),
                ("special", "special"),
            )
        ),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)),), empty),
        Case(
            op, "one", "edge shapes", (ArraySpec((1, 1)),), {"shape": 1} if op == "reshape" else {}
        ),
        Case(op, "scalar", "edge shapes", (ArraySpec(()),), no_axes),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, layout=layout),), options)
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

register(
    Case(
        "reshape",
        "drawn",
        "typical",
        (ArraySpec(("n", 6, "c")),),
        {"shape": OneOf((-1, (6, -1), (-1, 2), (3, -1, 1), (-1, 2, 3)))},
        dims={"n": (2, 4), "c": (7, 9)},
    ),
    Case(
        "transpose",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {"axes": OneOf((None, (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (-1, -2, -3)))},
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
)
