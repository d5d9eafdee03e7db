"""Cases of layer_norm."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

OP = "layer_norm"
X, P = (6, 5), (5,)
WIDE = ("float32", "float64")
# Of long sums, and of what cancels, bfloat16 leaves nothing: torch rounds to it on the way.
NARROW = ("float16", *WIDE)

for regime, values in (
    ("typical", "normal"),
    ("tiny", "tiny"),
    ("huge", "huge root"),  # whose squares do not overflow
    ("saturated", "saturated"),
):
    register(Case(OP, regime, regime, (ArraySpec(X, values), ArraySpec(P), ArraySpec(P))))

register(
    # A mean 100 times the deviation. Slices of few elements would tell torch's variance, updated
    # element by element (Welford), from one of centred data, which is more accurate; a mean that
    # is rounded to a half type, as torch keeps it there, has no digit of the deviation left.
    Case(
        OP,
        "offset",
        "offset",
        (ArraySpec((3, 131), "offset"), ArraySpec((131,)), ArraySpec((131,))),
        dtypes=WIDE,
    ),
    Case(
        OP,
        "cancelling",
        "cancelling",
        (ArraySpec(X, "close"), ArraySpec(P), ArraySpec(P)),
        dtypes=WIDE,
    ),
    Case(OP, "plain", "typical", (ArraySpec(X), None, None)),
    Case(OP, "no-beta", "typical", (ArraySpec(X), ArraySpec(P), None)),
    Case(OP, "no-gamma", "typical", (ArraySpec(X), None, ArraySpec(P))),
    Case(OP, "eps", "typical", (ArraySpec(X), ArraySpec(P), ArraySpec(P)), {"eps": 0.3}),
    Case(OP, "no-eps", "typical", (ArraySpec(X), ArraySpec(P), ArraySpec(P)), {"eps": 0.0}),
    Case(OP, "vector", "typical", (ArraySpec((7,)), ArraySpec((7,)), ArraySpec((7,)))),
    Case(
        OP,
        "long",
        "typical",
        (ArraySpec((3, 259)), ArraySpec((259,)), ArraySpec((259,))),
        dtypes=NARROW,
    ),
    Case(
        OP,
        "many",
        "typical",
        (ArraySpec((37, 4)), ArraySpec((4,)), ArraySpec((4,))),
        dtypes=NARROW,
    ),
    Case(
        OP,
        "first-axis",
        "typical",
        (ArraySpec((7, 4)), ArraySpec((7,)), ArraySpec((7,))),
        {"axis": 0},
    ),
    Case(
        OP,
        "last-axes",
        "typical",
        (ArraySpec((4, 3, 5)), ArraySpec((3, 5)), ArraySpec((3, 5))),
        {"axis": (1, 2)},
    ),
    Case(
        OP,
        "outer-axes",
        "typical",
        (ArraySpec((4, 3, 5)), ArraySpec((4, 5)), ArraySpec((4, 5))),
        {"axis": (-1, 0)},
    ),
    Case(
        OP,
        "all-axes",
        "typical",
        (ArraySpec((3, 5)), ArraySpec((3, 5)), ArraySpec((3, 5))),
        {"axis": (0, 1)},
    ),
    Case(OP, "special", "special", (ArraySpec((14, 3), "special"), ArraySpec((3,)), None)),
    # A constant slice has no variance: eps alone is under the root.
    Case(
        OP,
        "constant",
        "kinks",
        (ArraySpec((3, 4), "zeros"), ArraySpec((4,)), ArraySpec((4,))),
    ),
    Case(
        OP,
        "one-feature",
        "edge shapes",
        (ArraySpec((4, 1)), ArraySpec((1,)), ArraySpec((1,))),
        dtypes=NARROW,
    ),
    Case(
        OP,
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")), ArraySpec(("h", "c")), ArraySpec(("h", "c"))),
        {"axis": OneOf(((1, 2), (-1, 1), (2, -2)))},
        dims={"n": (3, 5), "h": (1, 2), "c": (6, 8)},
    ),
    Case(OP, "no-samples", "edge shapes", (ArraySpec((0, 3)), ArraySpec((3,)), ArraySpec((3,)))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec(X, layout=layout), *(ArraySpec(P, layout=layout),) * 2),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

SAME = "values that are all the same have no deviation from their mean"
excuse("layer_norm", "constant", "dgamma", SAME)
excuse("layer_norm", "one-feature", ("dgamma", "dx"), SAME)
