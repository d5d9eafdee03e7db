"""Cases of exp, log, sqrt, sin and cos."""

from parity.case import ArraySpec, Case
from parity.registry import register

SHAPE = (6, 7)

for op, draws in (
    (
        "exp",
        (
            ("typical", "typical", "normal"),
            ("tiny", "tiny", "tiny"),
            ("saturated", "saturated", "exponents"),
            ("underflow", "saturated", "underflowing"),
        ),
    ),
    *(
        (
            op,
            (
                ("typical", "typical", "positive"),
                ("unit", "typical", "unit"),
                ("offset", "offset", "offset"),
                ("tiny", "tiny", "tiny probs"),
                ("subnormal", "tiny", "subnormal"),
                ("huge", "huge", "huge positive"),
                # Around 1, where the logarithm is small itself.
                ("close", "cancelling", "close"),
                # Negative values: NaN.
                ("negative", "special", "negative"),
            ),
        )
        for op in ("log", "sqrt")
    ),
    *(
        (
            op,
            (
                ("typical", "typical", "normal"),
                ("offset", "offset", "offset"),
                ("tiny", "tiny", "tiny"),
                ("subnormal", "tiny", "subnormal"),
                # Many turns, which the argument is reduced by.
                ("large", "saturated", "saturated"),
                ("huge", "huge", "huge"),
                # Next to multiples of pi / 2, where the sine or the cosine is small itself.
                ("turns", "cancelling", "quarter turns"),
            ),
        )
        for op in ("sin", "cos")
    ),
):
    for name, regime, values in draws:
        register(Case(op, name, regime, (ArraySpec(SHAPE, values),)))
    plain = "positive" if op in ("log", "sqrt") else "normal"
    register(
        # log(+-0) = -inf and dx = dy / +-0; sqrt(-0) = -0 and dx = dy / (2 sqrt(+-0)): infinite
        # cotangents with the signs of dy and of the zero. sin(-0) = -0.
        Case(op, "kinks", "kinks", (ArraySpec(SHAPE, "kinks"),)),
        Case(op, "special", "special", (ArraySpec(SHAPE, "special"),)),
        Case(
            op,
            "drawn",
            "typical",
            (ArraySpec(("n", "h", "c"), plain),),
            dims={"n": (1, 4), "h": (5, 7), "c": (8, 11)},
        ),
        Case(op, "wide", "typical", (ArraySpec((3, 5, 67), plain),)),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3), plain),)),
        Case(op, "one", "edge shapes", (ArraySpec((1,), plain),)),
        Case(op, "scalar", "edge shapes", (ArraySpec((), plain),)),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, plain, layout=layout),))
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )
