"""Cases of concat, stack, unstack and split."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import register

REGIMES = ("typical", "offset", "tiny", "huge", "special", "kinks")
LAYOUTS = ("strided", "reversed", "transposed", "read_only")

for regime in REGIMES:
    values = "normal" if regime == "typical" else regime
    one, other = ArraySpec((4, 3), values), ArraySpec((2, 3), values)
    register(
        Case("concat", regime, regime, (one, other)),
        Case("stack", regime, regime, (one, one)),
        Case("unstack", regime, regime, (one,)),
        Case("split", regime, regime, (one,), {"parts": 2}),
    )

DRAWN = {"n": (2, 4), "h": (5, 7), "c": (8, 10)}
register(
    Case(
        "concat",
        "three",
        "typical",
        (ArraySpec((2, 5, 3)), ArraySpec((2, 1, 3)), ArraySpec((2, 4, 3))),
        {"axis": 1},
    ),
    Case("concat", "last-axis", "typical", (ArraySpec((2, 5)), ArraySpec((2, 3))), {"axis": -1}),
    Case("concat", "alone", "typical", (ArraySpec((2, 3)),)),
    Case(
        "concat",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")), ArraySpec(("n", "h", 1))),
        {"axis": OneOf((2, -1))},
        dims=DRAWN,
    ),
    Case("concat", "nothing-first", "edge shapes", (ArraySpec((0, 3)), ArraySpec((2, 3)))),
    Case("concat", "nothing", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
    Case("stack", "last-axis", "typical", (ArraySpec((2, 5)),) * 3, {"axis": -1}),
    Case("stack", "middle-axis", "typical", (ArraySpec((2, 5, 3)),) * 4, {"axis": 1}),
    Case(
        "stack",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),) * 2,
        {"axis": OneOf((0, 1, 2, 3, -1, -4))},
        dims=DRAWN,
    ),
    Case("stack", "scalars", "edge shapes", (ArraySpec(()),) * 3),
    Case("stack", "alone", "edge shapes", (ArraySpec((2, 3)),)),
    Case("unstack", "last-axis", "typical", (ArraySpec((2, 5, 3)),), {"axis": -1}),
    Case(
        "unstack",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {"axis": OneOf((0, 1, 2, -1, -3))},
        dims=DRAWN,
    ),
    Case("unstack", "vector", "edge shapes", (ArraySpec((3,)),)),
    Case("unstack", "one", "edge shapes", (ArraySpec((1, 2)),)),
    Case("unstack", "empty", "edge shapes", (ArraySpec((3, 0)),)),
    Case("split", "sizes", "typical", (ArraySpec((2, 9, 3)),), {"parts": (4, 0, 5), "axis": 1}),
    Case(
        "split",
        "drawn",
        "typical",
        (ArraySpec(("n", 6, "c")),),
        {"parts": OneOf((1, 2, 3, 6, (1, 5), (2, 3, 1))), "axis": 1},
        dims={"n": (2, 4), "c": (7, 9)},
    ),
    Case("split", "negative-axis", "typical", (ArraySpec((2, 9)),), {"parts": (4, 5), "axis": -1}),
    Case("split", "empty", "edge shapes", (ArraySpec((0, 3)),), {"parts": 2}),
    Case("split", "vector", "edge shapes", (ArraySpec((1,)),), {"parts": 1}),
)

for layout in LAYOUTS:
    spec = ArraySpec((4, 3), layout=layout)
    register(
        Case("concat", layout, "layouts", (spec, spec), {"axis": 1}),
        Case("stack", layout, "layouts", (spec, spec), {"axis": 1}),
        Case("unstack", layout, "layouts", (spec,), {"axis": 1}),
        Case("split", layout, "layouts", (spec,), {"parts": (1, 2), "axis": 1}),
    )
