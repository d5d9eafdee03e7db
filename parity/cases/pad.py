"""Cases of pad."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import register

PADS = ((1, 2), (3, 1))

for mode in ("constant", "edge", "reflect"):
    options = {"mode": mode} | ({"value": -1.5} if mode == "constant" else {})
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("cancelling", "paired"),
        ("kinks", "kinks"),
        ("special", "special"),
    ):
        inputs = (ArraySpec((4, 7), values),)
        register(Case("pad", f"{mode}-{regime}", regime, inputs, options | {"pads": PADS}))
    register(
        Case(
            "pad",
            f"{mode}-empty",
            "edge shapes",
            (ArraySpec((0, 3)),),
            options | {"pads": ((0, 0), (1, 2))},
        ),
        Case("pad", f"{mode}-scalar", "edge shapes", (ArraySpec(()),), options | {"pads": ()}),
        Case("pad", f"{mode}-none", "edge shapes", (ArraySpec((2, 3)),), options | {"pads": 0}),
        *(
            Case(
                "pad",
                f"{mode}-{layout}",
                "layouts",
                (ArraySpec((4, 7), layout=layout),),
                options | {"pads": PADS},
            )
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )
register(
    Case("pad", "default", "typical", (ArraySpec((5, 3)),), {"pads": 2}),
    # A value that is rounded to each dtype.
    Case("pad", "rounded", "offset", (ArraySpec((5, 3)),), {"pads": 1, "value": 100.1}),
    Case("pad", "filled", "edge shapes", (ArraySpec((0, 3)),), {"pads": 1, "value": 2.0}),
    Case("pad", "edge-all", "typical", (ArraySpec((4, 3, 5)),), {"pads": 2, "mode": "edge"}),
    Case(
        "pad",
        "edge-wide",
        "typical",
        (ArraySpec((2, 3)),),
        {"pads": ((4, 2), (0, 3)), "mode": "edge"},
    ),
    Case("pad", "edge-one", "edge shapes", (ArraySpec((1,)),), {"pads": 3, "mode": "edge"}),
    Case(
        "pad",
        "reflect-most",
        "typical",
        (ArraySpec((4, 3)),),
        {"pads": ((3, 3), (2, 2)), "mode": "reflect"},
    ),
    Case(
        "pad",
        "reflect-image",
        "typical",
        (ArraySpec((2, 5, 6, 3)),),
        {"pads": ((0, 0), (2, 1), (1, 3), (0, 0)), "mode": "reflect"},
    ),
    Case("pad", "reflect-two", "edge shapes", (ArraySpec((2,)),), {"pads": 1, "mode": "reflect"}),
)

register(
    Case(
        "pad",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {
            "pads": OneOf((1, ((0, 1), (2, 3), (0, 0)), ((1, 0), (0, 2), (3, 4)))),
            "mode": OneOf(("edge", "reflect")),
        },
        dims={"n": (2, 4), "h": (5, 7), "c": (8, 10)},
    ),
)
