"""Cases of power."""

from parity.case import ArraySpec, Case
from parity.registry import register

for name, regime, a, b in (
    ("typical", "typical", "positive", "normal"),
    ("offset", "offset", "offset", "small"),
    ("tiny", "tiny", "tiny probs", "unit"),
    ("huge", "huge", "huge positive", "small"),
    ("close", "cancelling", "close", "normal"),
    ("underflow", "saturated", "unit", "saturated positive"),
    # Negative bases with whole exponents: real values, db is NaN.
    ("negative", "kinks", "nonzero", "integers"),
    # Zero bases: da = 0 at b = 0, db = 0 for b >= 0; 0^b is infinite for b < 0.
    ("zero", "kinks", "signed zeros", "integers"),
    ("kinks", "kinks", "kinks", "kinks"),
    ("not-real", "special", "nonzero", "kinks"),
    ("special", "special", "special", "special"),
    ("special-exponent", "special", "positive", "special"),
    ("special-base", "special", "special", "integers"),
):
    register(Case("power", name, regime, (ArraySpec((6, 7), a), ArraySpec((6, 7), b))))

register(
    Case(
        "power",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", 1), "positive"), ArraySpec(("h", "c"))),
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
    *(
        Case("power", f"broadcast-{name}", "typical", (ArraySpec(a, "positive"), ArraySpec(b)))
        for name, a, b in (
            ("row", (5, 7), (7,)),
            ("column", (5, 7), (5, 1)),
            ("first-row", (1, 7), (5, 7)),
            ("both", (4, 1, 3), (2, 3)),
            ("scalar-base", (), (2,)),
            ("scalar-exponent", (3,), ()),
        )
    ),
    *(
        Case("power", name, "edge shapes", (ArraySpec(shape, "positive"), ArraySpec(shape)))
        for name, shape in (("empty", (0, 3)), ("one", (1, 1)), ("scalar", ()))
    ),
    *(
        Case(
            "power",
            layout,
            "layouts",
            (ArraySpec((5, 7), "positive", layout=layout), ArraySpec((5, 7), layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
