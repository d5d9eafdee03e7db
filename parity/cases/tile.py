"""Cases of tile."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import register

SHAPE = (4, 3, 5)
REPEATS = (2, 1, 3)

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("kinks", "kinks"),
    ("special", "special"),
):
    register(Case("tile", regime, regime, (ArraySpec(SHAPE, values),), {"repeats": REPEATS}))

register(
    Case("tile", "first-axis", "typical", (ArraySpec((4, 3)),), {"repeats": (5, 1)}),
    Case("tile", "last-axis", "typical", (ArraySpec((4, 3)),), {"repeats": (1, 5)}),
    Case("tile", "many", "typical", (ArraySpec((3,)),), {"repeats": 40}),
    Case("tile", "row", "typical", (ArraySpec((1, 7)),), {"repeats": (6, 1)}),
    Case(
        "tile",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {"repeats": OneOf(((2, 2, 2), (3, 1, 2), (1, 4, 1), (2, 3, 1)))},
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
    Case("tile", "once", "edge shapes", (ArraySpec((2, 3)),), {"repeats": (1, 1)}),
    Case("tile", "empty", "edge shapes", (ArraySpec((0, 3)),), {"repeats": (2, 3)}),
    Case("tile", "one", "edge shapes", (ArraySpec((1, 1)),), {"repeats": (2, 3)}),
    Case("tile", "scalar", "edge shapes", (ArraySpec(()),), {"repeats": ()}),
    *(
        Case("tile", layout, "layouts", (ArraySpec(SHAPE, layout=layout),), {"repeats": REPEATS})
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
