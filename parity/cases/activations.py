"""Cases of the activations: relu, sigmoid, tanh, affine, identity, step."""

from parity.case import ArraySpec, Case
from parity.registry import register

SHAPE = (6, 7)
AFFINE = {"slope": -1.7, "intercept": 0.3}

for op in ("relu", "sigmoid", "tanh", "affine", "identity", "step"):
    options = AFFINE if op == "affine" else {}
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("saturated", "saturated"),
        ("kinks", "kinks"),
        ("special", "special"),
    ):
        register(Case(op, regime, regime, (ArraySpec(SHAPE, values),), options))
    register(
        Case(op, "wide", "typical", (ArraySpec((3, 5, 67)),), options),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)),), options),
        Case(op, "one", "edge shapes", (ArraySpec((1,)),), options),
        Case(op, "scalar", "edge shapes", (ArraySpec(()),), options),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, layout=layout),), options)
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

register(
    Case("sigmoid", "underflow", "saturated", (ArraySpec(SHAPE, "underflowing"),)),
    Case("tanh", "underflow", "saturated", (ArraySpec(SHAPE, "underflowing"),)),
    Case("affine", "defaults", "typical", (ArraySpec(SHAPE),)),
    Case("affine", "slope", "typical", (ArraySpec(SHAPE),), {"slope": 2.5}),
    Case("affine", "intercept", "typical", (ArraySpec(SHAPE),), {"intercept": -1.1}),
    Case(
        "affine", "cancelling", "cancelling", (ArraySpec(SHAPE, "positive"),), {"intercept": -1.0}
    ),
)
