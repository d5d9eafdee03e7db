"""Cases of the penalties l1 and l2."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

SHAPE = (6, 5)

for op, options in (
    ("l1_penalty", {"strength": 0.3}),
    ("l2_penalty", {"strength": 0.3}),
    ("l2_penalty", {"strength": 0.3, "half": True}),
):
    end = "-half" if options.get("half") else ""
    for regime, draw in (
        ("typical", "normal"),
        ("offset", "offset"),
        ("tiny", "tiny"),
        ("huge", "huge" if op == "l1_penalty" else "huge root"),
        ("kinks", "kinks"),  # sign(0) is 0
        ("special", "special"),
    ):
        register(Case(op, f"{regime}{end}", regime, (ArraySpec(SHAPE, draw),), options))
    register(Case(op, f"cube{end}", "typical", (ArraySpec((3, 5, 2)),), {**options, "strength": 2}))

for op in ("l1_penalty", "l2_penalty"):
    register(
        Case(op, "defaults", "typical", (ArraySpec(SHAPE),)),
        Case(op, "long", "typical", (ArraySpec((3, 67)),)),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)),)),
        Case(op, "one", "edge shapes", (ArraySpec((1,)),)),
        Case(op, "scalar", "edge shapes", (ArraySpec(()),)),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, layout=layout),))
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

excuse(
    "l2_penalty",
    ("tiny", "tiny-half"),
    "y",
    "squares of tiny values underflow: nothing must come of them",
)
