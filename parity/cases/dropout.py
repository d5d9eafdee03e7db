"""Cases of dropout. Both sides of a comparison get the same mask of zeros and ones."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

OP = "dropout"
SHAPE = (6, 7)
INVERTED = {"rate": 0.3}
AT_TEST = {"rate": 0.3, "scale": "at_test"}

for name, options in (("inverted", INVERTED), ("at-test", AT_TEST)):
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("kinks", "kinks"),
        # A dropped NaN or infinity is NaN: the mask is a factor.
        ("special", "special"),
    ):
        mask = ArraySpec(SHAPE, "binary")
        register(Case(OP, f"{name}-{regime}", regime, (ArraySpec(SHAPE, values), mask), options))
    register(
        Case(
            OP,
            f"{name}-cube",
            "typical",
            (ArraySpec((2, 3, 5)), ArraySpec((2, 3, 5), "binary")),
            {**options, "rate": 0.9},
        ),
        Case(
            OP,
            f"{name}-any-factor",
            "typical",
            (ArraySpec(SHAPE), ArraySpec(SHAPE)),
            {**options, "rate": 0.6},
        ),
        Case(
            OP,
            f"{name}-nothing-dropped",
            "edge shapes",
            (ArraySpec(SHAPE), ArraySpec(SHAPE, "binary")),
            {**options, "rate": 0.0},
        ),
        Case(
            OP,
            f"{name}-drawn",
            "typical",
            (ArraySpec(("n", "h", "c")), ArraySpec(("n", "h", "c"), "binary")),
            {**options, "rate": OneOf((0.1, 0.25, 0.8))},
            dims={"n": (2, 3), "h": (4, 6), "c": (7, 9)},
        ),
        Case(OP, f"{name}-scalar", "edge shapes", (ArraySpec(()), ArraySpec(())), options),
        Case(OP, f"{name}-empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3))), options),
        Case(
            OP,
            f"{name}-test",
            "typical",
            (ArraySpec(SHAPE), ArraySpec(SHAPE, "binary")),
            {**options, "training": False},
        ),
        Case(
            OP,
            f"{name}-test-no-mask",
            "typical",
            (ArraySpec(SHAPE), None),
            {**options, "training": False},
        ),
        Case(
            OP,
            f"{name}-test-tiny",
            "tiny",
            (ArraySpec(SHAPE, "tiny"), None),
            {**options, "training": False},
        ),
        *(
            Case(
                OP,
                f"{name}-{layout}",
                "layouts",
                (ArraySpec(SHAPE, layout=layout), ArraySpec(SHAPE, "binary", layout=layout)),
                options,
            )
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

excuse("dropout", ("at-test-test", "inverted-test"), "dmask", "at inference the mask has no part")
