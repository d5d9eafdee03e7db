"""Cases of the cross-entropy of given probabilities."""

from parity.case import ArraySpec, Case
from parity.registry import register

OP = "cross_entropy"
PROBS = ArraySpec((7, 5), "simplex")
LABELS = ArraySpec((7,), "labels", high=5)
ROWS = ArraySpec((7, 5), "simplex")

for reduction in ("none", "sum", "mean"):
    for kind, target in (("classes", LABELS), ("rows", ROWS)):
        for eps in (0.0, 2.2e-16, 1e-7, 0.01):
            every = {"reduction": reduction, "eps": eps}
            register(Case(OP, f"{kind}-{reduction}-eps-{eps:g}", "typical", (PROBS, target), every))

# The classes on another axis, as in (N, C, d1, d2) of PyTorch and ONNX.
for axis, name, scores, labels in (
    (1, "images", (3, 5, 4, 2), (3, 4, 2)),
    (0, "columns", (5, 7), (7,)),
    (-2, "before-last", (3, 5, 4), (3, 4)),
):
    classes = (ArraySpec(scores, "unit"), ArraySpec(labels, "labels", high=5))
    rows = (ArraySpec(scores, "unit"), ArraySpec(scores, "unit"))
    for reduction in ("none", "sum", "mean"):
        every = {"axis": axis, "reduction": reduction, "eps": 1e-7}
        register(
            Case(OP, f"{name}-classes-{reduction}", "typical", classes, every),
            Case(OP, f"{name}-rows-{reduction}", "typical", rows, every),
        )

register(
    Case(OP, "tiny", "tiny", (ArraySpec((7, 5), "tiny probs"), LABELS)),
    Case(OP, "tiny-rows", "tiny", (ArraySpec((7, 5), "tiny probs"), ROWS)),
    Case(
        OP,
        "certain",
        "saturated",
        (ArraySpec((6, 4), "binary"), ArraySpec((6,), "labels", high=4)),
        {"eps": 1e-3},
    ),
    Case(
        OP,
        "certain-rows",
        "saturated",
        (ArraySpec((6, 4), "binary"), ArraySpec((6, 4), "simplex")),
        {"eps": 1e-3},
    ),
    Case(
        OP,
        "zeros",
        "special",
        (ArraySpec((6, 4), "binary"), ArraySpec((6,), "labels", high=4)),
        {"reduction": "none"},
    ),
    Case(
        OP,
        "zero-rows",
        "special",
        (ArraySpec((6, 4), "binary"), ArraySpec((6, 4), "binary")),
        {"reduction": "none"},
        vjp=False,
    ),
    Case(
        OP, "not-a-number", "special", (ArraySpec((6, 4), "some nan"), ArraySpec((6, 4), "simplex"))
    ),
    Case(OP, "one-hot", "kinks", (PROBS, ArraySpec((7, 5), "binary"))),
    Case(
        OP,
        "batched",
        "edge shapes",
        (ArraySpec((2, 3, 5), "simplex"), ArraySpec((2, 3), "labels", high=5)),
    ),
    Case(
        OP,
        "batched-rows",
        "edge shapes",
        (ArraySpec((2, 3, 5), "simplex"), ArraySpec((2, 3, 5), "simplex")),
    ),
    Case(
        OP,
        "no-rows",
        "edge shapes",
        (ArraySpec((0, 5), "simplex"), ArraySpec((0,), "labels", high=5)),
    ),
    Case(
        OP,
        "one-row",
        "edge shapes",
        (ArraySpec((1, 5), "simplex"), ArraySpec((1,), "labels", high=5)),
    ),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (
                ArraySpec((7, 5), "simplex", layout=layout),
                ArraySpec((7, 5), "simplex", layout=layout),
            ),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
