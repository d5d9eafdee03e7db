"""Cases of clip. The ends are numbers of every dtype, so that all sides limit by the same ones."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

SHAPE = (6, 7)
BOTH = {"low": -0.75, "high": 0.5}

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    # Values on the ends themselves: the derivative is 1 there.
    ("kinks", "kinks"),
    ("special", "special"),
):
    options = {"low": 99.0, "high": 100.5} if regime == "offset" else BOTH
    register(Case("clip", regime, regime, (ArraySpec(SHAPE, values),), options))
register(
    Case("clip", "low", "typical", (ArraySpec(SHAPE),), {"low": -0.25}),
    Case("clip", "high", "typical", (ArraySpec(SHAPE),), {"high": 0.25}),
    # -0 is not below 0 and stays what it is.
    Case("clip", "from-zero", "kinks", (ArraySpec(SHAPE, "kinks"),), {"low": 0.0}),
    Case("clip", "to-zero", "kinks", (ArraySpec(SHAPE, "kinks"),), {"high": 0}),
    Case("clip", "one-value", "kinks", (ArraySpec(SHAPE, "kinks"),), {"low": 0.5, "high": 0.5}),
    Case("clip", "special-low", "special", (ArraySpec(SHAPE, "special"),), {"low": -1.0}),
    Case(
        "clip",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {"low": OneOf((None, -0.5, 0.25)), "high": OneOf((0.5, 1.5))},
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
    Case("clip", "wide", "typical", (ArraySpec((3, 5, 67)),), BOTH),
    Case("clip", "empty", "edge shapes", (ArraySpec((0, 3)),), BOTH),
    Case("clip", "one", "edge shapes", (ArraySpec((1,)),), {"low": -4.0}),
    Case("clip", "scalar", "edge shapes", (ArraySpec(()),), {"high": 4.0}),
    *(
        Case("clip", layout, "layouts", (ArraySpec(SHAPE, layout=layout),), BOTH)
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse("clip", "huge", "dx", "no value is inside")
