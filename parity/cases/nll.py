"""Cases of the negative log-likelihood."""

from parity.case import ArraySpec, Case
from parity.registry import register

SCORES = ArraySpec((7, 5), "negative")
LABELS = ArraySpec((7,), "labels", high=5)
WEIGHT = ArraySpec((5,), "positive")

for reduction in ("none", "sum", "mean"):
    plain = {"reduction": reduction}
    register(
        Case("nll", reduction, "typical", (SCORES, LABELS), plain),
        Case(
            "nll", f"{reduction}-weight", "typical", (SCORES, LABELS), {**plain, "weight": WEIGHT}
        ),
        Case(
            "nll", f"{reduction}-ignored", "typical", (SCORES, LABELS), {**plain, "ignore_index": 2}
        ),
        Case(
            "nll",
            f"{reduction}-weight-ignored",
            "typical",
            (SCORES, LABELS),
            {**plain, "weight": WEIGHT, "ignore_index": 1},
        ),
    )

# The classes on another axis, as in (N, C, d1, d2) of PyTorch and ONNX.
for axis, name, scores, labels in (
    (1, "images", (3, 5, 4, 2), (3, 4, 2)),
    (1, "sequences", (3, 5, 4), (3, 4)),
    (0, "columns", (5, 7), (7,)),
    (-2, "before-last", (3, 5, 4), (3, 4)),
):
    both = (ArraySpec(scores, "negative"), ArraySpec(labels, "labels", high=5))
    for reduction in ("none", "sum", "mean"):
        every = {"axis": axis, "reduction": reduction}
        register(
            Case("nll", f"{name}-{reduction}", "typical", both, every),
            Case(
                "nll",
                f"{name}-{reduction}-weight-ignored",
                "typical",
                both,
                {**every, "weight": WEIGHT, "ignore_index": 2},
            ),
        )

register(
    Case("nll", "tiny", "tiny", (ArraySpec((7, 5), "tiny"), LABELS)),
    Case("nll", "huge", "huge", (ArraySpec((7, 5), "huge"), LABELS)),
    Case("nll", "offset", "offset", (ArraySpec((7, 5), "offset"), LABELS)),
    Case(
        "nll",
        "cancelling",
        "cancelling",
        (ArraySpec((8, 5), "paired", axis=0), ArraySpec((8,), "labels", high=1)),
        dtypes=("float64",),  # in the others what is left is below the roundoff
    ),
    Case(
        "nll", "special", "special", (ArraySpec((7, 5), "special"), LABELS), {"reduction": "none"}
    ),
    Case(
        "nll",
        "outside-ignored",
        "typical",
        (SCORES, ArraySpec((7,), "labels or -100", high=5)),
        {"ignore_index": -100},
    ),
    Case(
        "nll",
        "batched",
        "edge shapes",
        (ArraySpec((2, 3, 5), "negative"), ArraySpec((2, 3), "labels", high=5)),
    ),
    Case(
        "nll",
        "no-rows",
        "edge shapes",
        (ArraySpec((0, 5), "negative"), ArraySpec((0,), "labels", high=5)),
    ),
    Case(
        "nll",
        "one-row",
        "edge shapes",
        (ArraySpec((1, 5), "negative"), ArraySpec((1,), "labels", high=5)),
    ),
    Case(
        "nll",
        "one-class",
        "edge shapes",
        (ArraySpec((4, 1), "negative"), ArraySpec((4,), "labels", high=1)),
    ),
    Case(
        "nll",
        "no-images",
        "edge shapes",
        (ArraySpec((0, 5, 2), "negative"), ArraySpec((0, 2), "labels", high=5)),
        {"axis": 1},
    ),
    *(
        Case(
            "nll",
            layout,
            "layouts",
            (
                ArraySpec((7, 5), "negative", layout=layout),
                ArraySpec((7,), "labels", high=5, layout=layout),
            ),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
