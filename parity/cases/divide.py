"""Cases of divide."""

from parity.case import ArraySpec, Case
from parity.registry import register

for name, regime, a, b in (
    ("typical", "typical", "normal", "nonzero"),
    ("offset", "offset", "offset", "offset"),
    ("tiny", "tiny", "tiny", "nonzero"),
    ("tiny-divisor", "tiny", "tiny", "tiny probs"),
    ("huge", "huge", "huge", "nonzero"),
    # b^2 overflows, a / b^2 as (a / b) / b does not.
    ("huge-divisor", "huge", "huge", "huge positive"),
    ("repeated", "cancelling", "close", "close"),
    # 0 / 0, 1 / +-0: NaN, and infinities with the signs of both.
    ("kinks", "kinks", "kinks", "kinks"),
    ("special", "special", "special", "special"),
):
    register(Case("divide", name, regime, (ArraySpec((5, 7), a), ArraySpec((5, 7), b))))

register(
    Case(
        "divide",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")), ArraySpec(("h", 1), "nonzero")),
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
    *(
        Case("divide", f"broadcast-{name}", "typical", (ArraySpec(a), ArraySpec(b, "nonzero")))
        for name, a, b in (
            ("row", (5, 7), (7,)),
            ("column", (5, 7), (5, 1)),
            ("first-row", (1, 7), (5, 7)),
            ("both", (4, 1, 3), (2, 3)),
            ("scalar", (), (2, 3)),
        )
    ),
    *(
        Case("divide", name, "edge shapes", (ArraySpec(shape), ArraySpec(shape, "nonzero")))
        for name, shape in (("empty", (0, 3)), ("one", (1, 1)), ("scalar", ()))
    ),
    *(
        Case(
            "divide",
            layout,
            "layouts",
            (ArraySpec((5, 7), layout=layout), ArraySpec((5, 7), "nonzero", layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
