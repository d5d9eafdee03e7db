"""Cases of softmax and log-softmax."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

SHAPE = (6, 5)

for op in ("softmax", "log_softmax"):
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("saturated", "saturated"),
        ("kinks", "kinks"),
        ("special", "special"),
    ):
        register(Case(op, regime, regime, (ArraySpec(SHAPE, values),)))
    register(
        Case(op, "many-classes", "typical", (ArraySpec((3, 131)),)),
        Case(op, "first-axis", "typical", (ArraySpec((7, 4)),), {"axis": 0}),
        Case(op, "middle-axis", "typical", (ArraySpec((3, 5, 2)),), {"axis": 1}),
        Case(op, "negative-axis", "typical", (ArraySpec((3, 5, 2)),), {"axis": -2}),
        Case(op, "vector", "typical", (ArraySpec((9,)),)),
        Case(op, "far-below", "offset", (ArraySpec(SHAPE, "far below"),)),
        Case(op, "masked", "special", (ArraySpec((4, 8), "masked"),)),
        Case(op, "no-rows", "edge shapes", (ArraySpec((0, 3)),)),
        Case(op, "one-class", "edge shapes", (ArraySpec((4, 1)),)),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, layout=layout),))
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

excuse("softmax", "huge", "dx", "one class has all: every derivative underflows")
excuse("softmax", "one-class", "dx", "the only class has 1, whatever x is")
excuse("log_softmax", "one-class", ("y", "dx"), "the only class has log 1, whatever x is")
