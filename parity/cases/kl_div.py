"""Cases of the Kullback-Leibler divergence."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

OP = "kl_div"
LOG_P = ArraySpec((7, 5), "negative")
ROWS = ArraySpec((7, 5), "simplex")
LOG = {"log_target": True}

for reduction in ("none", "sum", "mean", "mean_rows"):
    every = {"reduction": reduction}
    register(
        Case(OP, reduction, "typical", (LOG_P, ROWS), every),
        Case(OP, f"{reduction}-log", "typical", (LOG_P, LOG_P), {**every, **LOG}),
        Case(
            OP,
            f"{reduction}-cube",
            "typical",
            (ArraySpec((3, 5, 2), "negative"), ArraySpec((3, 5, 2), "simplex")),
            every,
        ),
        Case(
            OP,
            f"{reduction}-one-row",
            "edge shapes",
            (ArraySpec((1, 5)), ArraySpec((1, 5), "simplex")),
            every,
        ),
    )

for regime, draw in (("offset", "far below"), ("huge", "huge")):
    register(
        Case(OP, regime, regime, (ArraySpec((7, 5), draw), ROWS)),
        Case(OP, f"{regime}-log", regime, (ArraySpec((7, 5), draw), LOG_P), LOG),
    )

register(
    Case(OP, "tiny", "tiny", (LOG_P, ArraySpec((7, 5), "tiny probs"))),
    Case(OP, "tiny-log-probs", "tiny", (ArraySpec((7, 5), "tiny"), ROWS)),
    Case(OP, "tiny-log", "tiny", (ArraySpec((7, 5), "tiny"), ArraySpec((7, 5), "tiny")), LOG),
    Case(OP, "underflow-log", "saturated", (LOG_P, ArraySpec((7, 5), "underflowing")), LOG),
    # Logarithms that nearly agree, t around 1.
    Case(
        OP,
        "cancelling",
        "cancelling",
        (ArraySpec((7, 5), "tiny"), ArraySpec((7, 5), "close")),
        {"reduction": "none"},
    ),
    Case(
        OP,
        "cancelling-log",
        "cancelling",
        (ArraySpec((7, 5), "close"), ArraySpec((7, 5), "close")),
        {**LOG, "reduction": "none"},
    ),
    # A target of 0 costs 0, and both of its cotangents are 0.
    Case(OP, "one-hot", "kinks", (LOG_P, ArraySpec((7, 5), "binary")), {"reduction": "none"}),
    # So it does where -inf is predicted; a target above 0 costs infinity there.
    Case(
        OP,
        "impossible",
        "special",
        (ArraySpec((7, 5), "masked"), ArraySpec((7, 5), "binary")),
        {"reduction": "none"},
    ),
    Case(
        OP,
        "impossible-log",
        "special",
        (ArraySpec((7, 5), "masked"), ArraySpec((7, 5), "masked")),
        {**LOG, "reduction": "none"},
    ),
    Case(OP, "special", "special", (ArraySpec((7, 5), "special"), ROWS), {"reduction": "none"}),
    Case(OP, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3), "simplex"))),
    Case(OP, "scalar", "edge shapes", (ArraySpec(()), ArraySpec((), "unit"))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (
                ArraySpec((7, 5), "negative", layout=layout),
                ArraySpec((7, 5), "simplex", layout=layout),
            ),
            {"reduction": "none"},
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse("kl_div", "underflow-log", "dlog_probs", "in bfloat16 the probabilities underflow to 0")
