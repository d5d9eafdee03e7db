"""Cases of the binary cross-entropy, from probabilities and from logits."""

from parity.case import ArraySpec, Case
from parity.registry import register

FROM_PROBS, FROM_LOGITS = "binary_cross_entropy", "binary_cross_entropy_with_logits"
PROBS, LOGITS, T = ArraySpec((6, 5), "unit"), ArraySpec((6, 5)), ArraySpec((6, 5), "unit")
ZEROS = ArraySpec((6, 5), "zeros")

for reduction in ("none", "sum", "mean"):
    every = {"reduction": reduction}
    register(
        Case(FROM_PROBS, reduction, "typical", (PROBS, T), every),
        Case(
            FROM_PROBS, f"{reduction}-limited", "typical", (PROBS, T), {**every, "log_min": -100.0}
        ),
        Case(
            FROM_PROBS,
            f"{reduction}-limited-early",
            "saturated",
            (ArraySpec((6, 5), "odd 32nds"), T),
            {
                **every,
                "log_min": -0.5,
            },  # at every p one logarithm is limited, and none is near
        ),
        Case(
            FROM_PROBS,
            f"{reduction}-certain",
            "saturated",
            (PROBS, ArraySpec((6, 5), "binary")),
            every,
        ),
        # PyTorch's formula takes x from itself where x < 0. That stays within the bound for small
        # logits, and in a sum of many; `confident` below is where it does not.
        Case(FROM_LOGITS, reduction, "typical", (ArraySpec((6, 5), "small"), T), every),
        *(
            Case(
                FROM_LOGITS,
                f"{reduction}-pos-weight-{name}",
                "typical",
                (ArraySpec((6, 5), "small"), T),
                {**every, "pos_weight": ArraySpec(shape, "positive")},
            )
            for name, shape in (("columns", (5,)), ("rows", (6, 1)), ("one", ()))
        ),
        Case(
            FROM_LOGITS,
            f"{reduction}-wrong",
            "saturated",
            (ArraySpec((6, 5), "saturated positive"), ArraySpec((6, 5), "zeros")),
            every,
        ),
        Case(
            FROM_LOGITS,
            f"{reduction}-confident",
            "saturated",
            (ArraySpec((6, 5), "confident"), ArraySpec((6, 5), "zeros")),
            every,
            dtypes=("float32", "float64"),  # in float16 the losses are 0
        ),
    )

register(
    Case(FROM_PROBS, "tiny", "tiny", (ArraySpec((6, 5), "tiny probs"), T)),
    Case(FROM_PROBS, "tiny-right", "tiny", (ArraySpec((6, 5), "tiny probs"), ZEROS)),
    Case(
        FROM_PROBS,
        "all-certain",
        "kinks",
        (ArraySpec((6, 5), "binary"), ArraySpec((6, 5), "binary")),
        {"reduction": "none", "log_min": -100.0},
    ),
    Case(
        FROM_PROBS,
        "certain-probs",
        "special",
        (ArraySpec((6, 5), "binary"), ArraySpec((6, 5), "binary")),
        {"reduction": "none"},
        vjp=False,
    ),
    Case(FROM_LOGITS, "wide", "typical", (LOGITS, T)),
    Case(FROM_LOGITS, "wide-sum", "typical", (LOGITS, T), {"reduction": "sum"}),
    Case(
        FROM_LOGITS,
        "wrong-pos-weight",
        "saturated",
        (ArraySpec((6, 5), "saturated positive"), ArraySpec((6, 5), "binary")),
        {"reduction": "none", "pos_weight": ArraySpec((5,), "positive")},
    ),
    Case(
        FROM_LOGITS,
        "offset-pos-weight",
        "offset",
        (ArraySpec((6, 5), "offset"), T),
        {"pos_weight": ArraySpec((5,), "positive")},
    ),
    Case(FROM_LOGITS, "tiny", "tiny", (ArraySpec((6, 5), "tiny"), T)),
    Case(FROM_LOGITS, "huge", "huge", (ArraySpec((6, 5), "huge"), T)),
    Case(FROM_LOGITS, "offset", "offset", (ArraySpec((6, 5), "offset"), T)),
    Case(
        FROM_LOGITS, "special", "special", (ArraySpec((6, 5), "special"), T), {"reduction": "none"}
    ),
    Case(FROM_LOGITS, "kinks", "kinks", (ArraySpec((6, 5), "kinks"), ArraySpec((6, 5), "binary"))),
)

for op, first, alone in ((FROM_PROBS, "unit", "unit"), (FROM_LOGITS, "normal", "small")):
    register(
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3), first), ArraySpec((0, 3), "unit"))),
        Case(op, "one", "edge shapes", (ArraySpec((1,), alone), ArraySpec((1,), "unit"))),
        Case(op, "scalar", "edge shapes", (ArraySpec((), alone), ArraySpec((), "unit"))),
        *(
            Case(
                op,
                layout,
                "layouts",
                (ArraySpec((6, 5), first, layout=layout), ArraySpec((6, 5), "unit", layout=layout)),
            )
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )
