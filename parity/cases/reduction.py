"""Cases of sum and mean."""

from parity.case import ArraySpec, Case
from parity.registry import register

for op in ("sum", "mean"):
    for regime, values in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge"),
        ("cancelling", "paired"),
        ("special", "special"),
    ):
        spec = ArraySpec((4, 3, 5), values)
        register(
            Case(op, f"{regime}-all", regime, (spec,)),
            Case(op, f"{regime}-last", regime, (spec,), {"axis": -1}),
        )
    spec = ArraySpec((2, 5, 7))
    register(
        Case(op, "first-axis", "typical", (spec,), {"axis": 0}),
        Case(op, "middle-axis-kept", "typical", (spec,), {"axis": 1, "keepdims": True}),
        Case(op, "two-axes", "typical", (spec,), {"axis": (0, -1)}),
        Case(op, "two-axes-kept", "typical", (spec,), {"axis": (1, 2), "keepdims": True}),
        Case(op, "all-kept", "typical", (spec,), {"keepdims": True}),
        Case(op, "long", "typical", (ArraySpec((3, 1031)),), {"axis": 1}),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)),), {"axis": 0}),
        Case(op, "empty-all", "edge shapes", (ArraySpec((0, 3)),)),
        Case(op, "one", "edge shapes", (ArraySpec((1, 1)),)),
        Case(op, "scalar", "edge shapes", (ArraySpec(()),)),
        *(
            Case(op, layout, "layouts", (ArraySpec((5, 7), layout=layout),), {"axis": 0})
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )
