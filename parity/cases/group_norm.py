"""Cases of group_norm."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

OP = "group_norm"
X, P = (3, 2, 5, 4), (4,)
NCHW = {"layout": "NCHW"}

for regime, values in (
    ("typical", "normal"),
    ("tiny", "tiny"),
    ("huge", "huge root"),  # whose squares do not overflow
    ("saturated", "saturated"),
):
    register(
        Case(OP, regime, regime, (ArraySpec(X, values), ArraySpec(P), ArraySpec(P)), {"groups": 2})
    )
for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge root"),
    ("cancelling", "close"),
    ("saturated", "saturated"),
):
    register(
        Case(
            OP,
            f"{regime}-first",
            regime,
            (ArraySpec((2, 6, 3, 5), values), ArraySpec((6,)), ArraySpec((6,))),
            {"groups": 3, **NCHW},
        ),
    )

register(
    # With channels last torch takes the mean of squares less the square of the mean; in the half
    # types its error is of the size of the result's rounding, or not.
    Case(
        OP,
        "offset",
        "offset",
        (ArraySpec(X, "offset"), ArraySpec(P), ArraySpec(P)),
        {"groups": 2},
        dtypes=("float32", "float64"),
    ),
    Case(OP, "plain", "typical", (ArraySpec(X), None, None), {"groups": 2}),
    Case(OP, "no-beta", "typical", (ArraySpec(X), ArraySpec(P), None), {"groups": 2}),
    Case(OP, "no-gamma", "typical", (ArraySpec(X), None, ArraySpec(P)), {"groups": 2}),
    Case(OP, "eps", "typical", (ArraySpec(X), ArraySpec(P), None), {"groups": 2, "eps": 0.3}),
    Case(OP, "no-eps", "typical", (ArraySpec(X), ArraySpec(P), None), {"groups": 2, "eps": 0.0}),
    Case(OP, "instance", "typical", (ArraySpec(X), ArraySpec(P), ArraySpec(P)), {"groups": 4}),
    Case(OP, "one-group", "typical", (ArraySpec(X), ArraySpec(P), ArraySpec(P)), {"groups": 1}),
    Case(
        OP,
        "instance-first",
        "typical",
        (ArraySpec((3, 4, 7)), ArraySpec(P), ArraySpec(P)),
        {"groups": 4, **NCHW},
    ),
    Case(
        OP,
        "no-space",
        "typical",
        (ArraySpec((5, 12)), ArraySpec((12,)), ArraySpec((12,))),
        {"groups": 3},
    ),
    Case(
        OP,
        "no-space-first",
        "typical",
        (ArraySpec((5, 12)), ArraySpec((12,)), ArraySpec((12,))),
        {"groups": 2, **NCHW},
    ),
    Case(
        OP,
        "cube",
        "typical",
        (ArraySpec((5, 2, 3, 4, 6)), ArraySpec((6,)), ArraySpec((6,))),
        {"groups": 3},
    ),
    Case(
        OP,
        "drawn",
        "typical",
        (ArraySpec(("n", 6, "h")), ArraySpec((6,)), ArraySpec((6,))),
        {"groups": OneOf((1, 2, 3, 6)), **NCHW},
        dims={"n": (4, 5), "h": (2, 3)},
    ),
    Case(
        OP,
        "special",
        "special",
        (ArraySpec((9, 2, 4), "special"), ArraySpec(P), None),
        {"groups": 2},
    ),
    # A constant group has no variance: eps alone is under the root.
    Case(
        OP,
        "constant",
        "kinks",
        (ArraySpec((3, 2, 4), "zeros"), ArraySpec(P), ArraySpec(P)),
        {"groups": 2},
    ),
    Case(
        OP,
        "one-value",
        "edge shapes",
        (ArraySpec((3, 4)), ArraySpec(P), ArraySpec(P)),
        {"groups": 4},
    ),
    Case(
        OP,
        "no-samples",
        "edge shapes",
        (ArraySpec((0, 3, 4)), ArraySpec(P), ArraySpec(P)),
        {"groups": 2},
    ),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec(X, layout=layout), *(ArraySpec(P, layout=layout),) * 2),
            {"groups": 2},
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
    *(
        Case(
            OP,
            f"{layout}-first",
            "layouts",
            (ArraySpec((3, 4, 7), layout=layout), *(ArraySpec(P, layout=layout),) * 2),
            {"groups": 2, **NCHW},
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

SAME = "values that are all the same have no deviation from their mean"
excuse("group_norm", "constant", "dgamma", SAME)
excuse("group_norm", "one-value", ("dgamma", "dx"), SAME)
