"""Cases of where."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

BOOLS = ArraySpec((5, 7), "bools")
# 0, 1 and 2: whatever is not 0 is true.
NUMBERS = ArraySpec((5, 7), "labels", high=3)

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("kinks", "kinks"),
):
    both = (ArraySpec((5, 7), values), ArraySpec((5, 7), values))
    register(
        Case("where", regime, regime, (BOOLS, *both)),
        Case("where", f"{regime}-numbers", regime, (NUMBERS, *both)),
    )

register(
    # The branch that is not taken has NaN and infinities, and must not leak.
    Case("where", "special", "special", (BOOLS, ArraySpec((5, 7), "special"), ArraySpec((5, 7)))),
    Case(
        "where",
        "special-both",
        "special",
        (NUMBERS, ArraySpec((5, 7), "special"), ArraySpec((7,), "special")),
    ),
    *(
        Case(
            "where",
            f"broadcast-{name}",
            "typical",
            (ArraySpec(condition, "bools"), ArraySpec(a), ArraySpec(b)),
        )
        for name, condition, a, b in (
            ("row", (5, 7), (7,), (5, 7)),
            ("column", (5, 7), (5, 7), (5, 1)),
            ("condition", (5, 1), (7,), (5, 7)),
            ("all", (2, 1, 1), (4, 1), (3,)),
            ("numbers", (6, 4), (), ()),
            ("deeper-condition", (3, 2, 4), (2, 4), (1, 4)),
            ("one-condition", (), (2, 3), (3,)),
        )
    ),
    Case(
        "where",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", 1), "bools"), ArraySpec(("h", "c")), ArraySpec(("n", 1, "c"))),
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
    Case(
        "where",
        "cancelling",
        "cancelling",
        (ArraySpec((6, 4), "bools"), ArraySpec((4,), "paired"), ArraySpec((6, 1), "paired")),
    ),
    *(
        Case("where", name, "edge shapes", (ArraySpec(shape, "bools"),) + (ArraySpec(shape),) * 2)
        for name, shape in (("empty", (0, 3)), ("one", (1, 1)), ("scalar", ()))
    ),
    Case(
        "where",
        "stretched-to-nothing",
        "edge shapes",
        (ArraySpec((0, 3), "bools"), ArraySpec((3,)), ArraySpec((1, 1))),
    ),
    *(
        Case(
            "where",
            layout,
            "layouts",
            (
                ArraySpec((5, 7), "bools", layout=layout),
                ArraySpec((5, 7), layout=layout),
                ArraySpec((5, 7), layout=layout),
            ),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse(
    "where",
    ("broadcast-one-condition", "one", "scalar"),
    "da",
    "one condition takes one of the two",
)
