"""Cases of the hinge loss."""

from parity.case import ArraySpec, Case
from parity.registry import excuse, register

OP = "hinge"
Y, T = ArraySpec((6, 5)), ArraySpec((6, 5), "signs")

for reduction in ("none", "sum", "mean"):
    for squared in (False, True):
        for margin in (1.0, 0.3):
            every = {"reduction": reduction, "squared": squared, "margin": margin}
            name = f"{reduction}{'-squared' * squared}-margin-{margin:g}"
            register(Case(OP, name, "typical", (Y, T), every))

for squared in (False, True):
    end = "-squared" * squared
    every = {"squared": squared}
    apart = {"squared": squared, "reduction": "none"}
    large = "huge root" if squared else "huge"
    register(
        Case(OP, f"tiny{end}", "tiny", (ArraySpec((6, 5), "tiny"), T), every),
        Case(
            OP, f"tiny-gap{end}", "tiny", (ArraySpec((6, 5), "tiny"), T), {**every, "margin": 0.0}
        ),
        Case(OP, f"huge{end}", "huge", (ArraySpec((6, 5), large), T), every),
        Case(OP, f"offset{end}", "offset", (ArraySpec((6, 5), "offset"), T), every),
        # Scores close to the margin on the right side: what is left of them counts.
        Case(
            OP,
            f"cancelling{end}",
            "cancelling",
            (ArraySpec((6, 5), "close"), ArraySpec((6, 5), "signs")),
            apart,
        ),
        Case(OP, f"special{end}", "special", (ArraySpec((6, 5), "special"), T), apart),
        # Scores of +-1, on the margin: the derivative is 0 there.
        Case(OP, f"kinks{end}", "kinks", (ArraySpec((6, 5), "kinks"), T), apart),
        Case(
            OP,
            f"kinks-perceptron{end}",
            "kinks",
            (ArraySpec((6, 5), "kinks"), T),
            {**apart, "margin": 0.0},
        ),
    )

register(
    Case(OP, "soft-targets", "typical", (Y, ArraySpec((6, 5), "positive")), {"squared": True}),
    Case(OP, "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((0, 3), "signs"))),
    Case(OP, "one", "edge shapes", (ArraySpec((1,), "small"), ArraySpec((1,), "signs"))),
    Case(OP, "scalar", "edge shapes", (ArraySpec((), "small"), ArraySpec((), "signs"))),
    Case(OP, "cube", "edge shapes", (ArraySpec((2, 5, 3)), ArraySpec((2, 5, 3), "signs"))),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (ArraySpec((6, 5), layout=layout), ArraySpec((6, 5), "signs", layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse(
    "hinge",
    "tiny-gap-squared",
    ("y", "dt"),
    "squares of tiny values underflow: nothing must come of them",
)
