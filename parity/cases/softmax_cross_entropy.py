"""Cases of the cross-entropy of the softmax."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

OP = "softmax_cross_entropy"
LOGITS = ArraySpec((7, 5))
LABELS = ArraySpec((7,), "labels", high=5)
ROWS = ArraySpec((7, 5), "simplex")
WEIGHT = ArraySpec((5,), "positive")

for reduction in ("none", "sum", "mean"):
    for kind, target in (("classes", LABELS), ("rows", ROWS)):
        for extra, options in (
            ("", {}),
            ("-weight", {"weight": WEIGHT}),
            ("-smoothing", {"label_smoothing": 0.1}),
            ("-weight-smoothing", {"weight": WEIGHT, "label_smoothing": 0.3}),
        ):
            every = {"reduction": reduction, **options}
            register(Case(OP, f"{kind}-{reduction}{extra}", "typical", (LOGITS, target), every))
    for extra, options in (
        ("", {}),
        ("-weight", {"weight": WEIGHT}),
        ("-smoothing", {"label_smoothing": 0.2}),
        ("-weight-smoothing", {"weight": WEIGHT, "label_smoothing": 0.2}),
    ):
        every = {"reduction": reduction, "ignore_index": 2, **options}
        register(Case(OP, f"ignored-{reduction}{extra}", "typical", (LOGITS, LABELS), every))

# The classes on another axis, as in (N, C, d1, d2) of PyTorch and ONNX.
for axis, name, scores, labels in (
    (1, "images", (3, 5, 4, 2), (3, 4, 2)),
    (1, "sequences", (3, 5, 4), (3, 4)),
    (0, "columns", (5, 7), (7,)),
    (-2, "before-last", (3, 5, 4), (3, 4)),
):
    classes = (ArraySpec(scores), ArraySpec(labels, "labels", high=5))
    rows = (ArraySpec(scores), ArraySpec(scores, "unit"))
    for reduction in ("none", "sum", "mean"):
        every = {"axis": axis, "reduction": reduction}
        weighted = {**every, "weight": WEIGHT, "label_smoothing": 0.2}
        register(
            Case(OP, f"{name}-classes-{reduction}", "typical", classes, every),
            Case(OP, f"{name}-rows-{reduction}", "typical", rows, every),
            Case(
                OP,
                f"{name}-ignored-{reduction}-weight-smoothing",
                "typical",
                classes,
                {**weighted, "ignore_index": 2},
            ),
            Case(OP, f"{name}-rows-{reduction}-weight-smoothing", "typical", rows, weighted),
        )

for regime, values in (
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("saturated", "saturated"),
    ("kinks", "kinks"),
    ("special", "special"),
):
    logits = ArraySpec((7, 5), values)
    register(Case(OP, f"{regime}-classes", regime, (logits, LABELS), {"reduction": "none"}))
    if regime not in ("special", "huge"):
        register(Case(OP, f"{regime}-rows", regime, (logits, ROWS)))

register(
    Case(OP, "many-classes", "typical", (ArraySpec((4, 131)), ArraySpec((4,), "labels", high=131))),
    Case(OP, "many-rows", "typical", (ArraySpec((133, 4)), ArraySpec((133,), "labels", high=4))),
    Case(OP, "far-below", "offset", (ArraySpec((7, 5), "far below"), LABELS)),
    Case(
        OP,
        "outside-ignored",
        "typical",
        (LOGITS, ArraySpec((7,), "labels or -100", high=5)),
        {"ignore_index": -100},
    ),
    Case(OP, "batched", "edge shapes", (ArraySpec((2, 3, 5)), ArraySpec((2, 3), "labels", high=5))),
    Case(
        OP, "batched-rows", "edge shapes", (ArraySpec((2, 3, 5)), ArraySpec((2, 3, 5), "simplex"))
    ),
    Case(OP, "no-rows", "edge shapes", (ArraySpec((0, 5)), ArraySpec((0,), "labels", high=5))),
    Case(OP, "one-row", "edge shapes", (ArraySpec((1, 5)), ArraySpec((1,), "labels", high=5))),
    Case(
        OP,
        "no-images",
        "edge shapes",
        (ArraySpec((0, 5, 2)), ArraySpec((0, 2), "labels", high=5)),
        {"axis": 1},
    ),
    Case(OP, "one-class", "edge shapes", (ArraySpec((4, 1)), ArraySpec((4,), "labels", high=1))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec((7, 5), layout=layout), ArraySpec((7,), "labels", high=5, layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse(
    "softmax_cross_entropy", "one-class", ("y", "dlogits"), "the only class is always the right one"
)
