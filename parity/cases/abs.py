"""Cases of abs. Its derivative at the kink, either zero, is 0 by convention."""

from parity.case import ArraySpec, Case
from parity.registry import register

SHAPE = (6, 7)

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("kinks", "kinks"),
    ("special", "special"),
):
    register(Case("abs", regime, regime, (ArraySpec(SHAPE, values),)))

register(
    Case("abs", "far-below", "offset", (ArraySpec(SHAPE, "far below"),)),
    Case(
        "abs",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        dims={"n": (1, 4), "h": (5, 7), "c": (8, 11)},
    ),
    Case("abs", "wide", "typical", (ArraySpec((3, 5, 67)),)),
    Case("abs", "empty", "edge shapes", (ArraySpec((0, 3)),)),
    Case("abs", "one", "edge shapes", (ArraySpec((1,)),)),
    Case("abs", "scalar", "edge shapes", (ArraySpec(()),)),
    *(
        Case("abs", layout, "layouts", (ArraySpec(SHAPE, layout=layout),))
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
