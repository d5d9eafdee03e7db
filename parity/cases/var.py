"""Cases of var."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

# Typical samples are large enough that their mean is no multiple of their deviation.
long = ArraySpec((4, 3, 11))
for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge root"),
    ("cancelling", "paired"),
    ("special", "special"),
):
    spec = ArraySpec((4, 6, 5) if regime != "typical" else (5, 3, 4), values)
    register(
        Case("var", f"{regime}-all", regime, (spec,)),
        Case(
            "var",
            f"{regime}-last",
            regime,
            (long if regime == "typical" else spec,),
            {"axis": -1, "ddof": 1},
        ),
    )
spec = ArraySpec((3, 5, 7))
register(
    Case(
        "var",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {
            "axis": OneOf((1, -1, (0, 1), (0, -1))),
            "ddof": OneOf((0, 1, 2)),
            "keepdims": OneOf((True, False)),
        },
        dims={"n": (2, 4), "h": (11, 13), "c": (14, 16)},
    ),
    Case("var", "first-axis", "typical", (ArraySpec((13, 5)),), {"axis": 0}),
    Case(
        "var",
        "middle-axis-kept",
        "typical",
        (ArraySpec((3, 11, 2)),),
        {"axis": 1, "keepdims": True},
    ),
    Case("var", "two-axes", "typical", (spec,), {"axis": (0, -1), "ddof": 2}),
    Case("var", "two-axes-kept", "typical", (spec,), {"axis": (1, 2), "keepdims": True}),
    Case("var", "all-kept", "typical", (ArraySpec((3, 5)),), {"keepdims": True}),
    # The mean of the squares less the square of the mean would have lost most digits.
    Case("var", "offset-long", "offset", (ArraySpec((3, 1031), "offset"),), {"axis": 1}),
    # Close values around 1.
    Case("var", "close", "cancelling", (ArraySpec((4, 9), "close"),), {"axis": 1}),
    Case("var", "ties", "kinks", (ArraySpec((4, 6), "ties"),), {"axis": 0}),
    Case("var", "no-results", "edge shapes", (ArraySpec((0, 3)),), {"axis": 1}),
    Case("var", "two", "edge shapes", (ArraySpec((2,)),), {"ddof": 1}),
    Case("var", "scalar", "edge shapes", (ArraySpec(()),)),
    *(
        Case("var", layout, "layouts", (ArraySpec((5, 7), layout=layout),), {"axis": 0})
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse(
    "var",
    ("tiny-all", "tiny-last"),
    "y",
    "squares of tiny values underflow: nothing must come of them",
)
excuse("var", "scalar", ("y", "dx"), "a single number has no variance")
