"""Cases of the cosine distance."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

OP = "cosine"
A = ArraySpec((7, 5))
CUBE = ArraySpec((3, 6, 4))

for reduction in ("none", "sum", "mean"):
    every = {"reduction": reduction}
    register(
        Case(OP, reduction, "typical", (A, A), every),
        Case(OP, f"{reduction}-eps", "typical", (A, A), {**every, "eps": 0.01}),
        *(
            Case(OP, f"{reduction}-axis-{axis}", "typical", (CUBE, CUBE), {**every, "axis": axis})
            for axis in (0, 1, -2)
        ),
    )

register(
    Case(OP, "long", "typical", (ArraySpec((3, 131)), ArraySpec((3, 131)))),
    Case(OP, "tiny", "tiny", (ArraySpec((7, 5), "tiny"), A)),
    Case(OP, "tiny-both", "tiny", (ArraySpec((7, 5), "tiny"), ArraySpec((7, 5), "tiny"))),
    Case(OP, "huge-root", "huge", (ArraySpec((7, 5), "huge root"), A)),
    # Norms whose squares overflow.
    Case(OP, "huge", "huge", (ArraySpec((7, 5), "huge"), A), {"reduction": "none"}),
    # Nearly parallel: what is left is far above the roundoff only in the wider dtypes.
    Case(
        OP,
        "offset",
        "offset",
        (ArraySpec((7, 5), "offset"), ArraySpec((7, 5), "offset")),
        dtypes=("float32", "float64"),
    ),
    # Norms below eps, which is then the divisor and constant.
    Case(OP, "below-eps", "kinks", (A, A), {"eps": 8.0, "reduction": "none"}),
    Case(OP, "zeros", "kinks", (ArraySpec((7, 5), "zeros"), A), {"reduction": "none"}),
    Case(OP, "special", "special", (ArraySpec((7, 5), "special"), A), {"reduction": "none"}),
    Case(OP, "no-vectors", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3)))),
    Case(OP, "no-elements", "edge shapes", (ArraySpec((3, 0)), ArraySpec((3, 0)))),
    Case(OP, "one", "edge shapes", (ArraySpec((1, 5)), ArraySpec((1, 5)))),
    Case(OP, "one-vector", "edge shapes", (ArraySpec((5,)), ArraySpec((5,)))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec((7, 5), layout=layout), ArraySpec((7, 5), layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse("cosine", "zeros", "db", "the direction of a zero vector is 0")
