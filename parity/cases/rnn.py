"""Cases of rnn_cell and rnn."""

from typing import Any

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

T, N, C, H = 4, 3, 5, 6
LAYOUTS = ("strided", "reversed", "transposed", "read_only")


def cell(
    x: str = "normal",
    h: str = "normal",
    w: str = "small",
    w_x: str = "",
    b: str = "normal",
    layout: str = "plain",
    features: int = C,
) -> tuple[ArraySpec, ...]:
    """Return the inputs of rnn_cell from these distributions."""
    return (
        ArraySpec((N, features), x, layout=layout),
        ArraySpec((N, H), h, layout=layout),
        ArraySpec((features, H), w_x or w, layout=layout),
        ArraySpec((H, H), w, layout=layout),
        ArraySpec((H,), b, layout=layout),
    )


def sequence(**kwargs: Any) -> tuple[ArraySpec, ...]:
    """Return the inputs of rnn from these distributions."""
    x, *rest = cell(**kwargs)
    return ArraySpec((T, *x.shape), x.draw, layout=x.layout), *rest


LENGTHS = ArraySpec((N,), "lengths", high=T)
RELU = {"activation": "relu"}
ONE = ArraySpec((1, 1))
# Weights of 0 and 1, so that the sums are near the arguments drawn. Between those lie some whose
# exponentials are subnormal, where PyTorch's sigmoid is known to be 0.
SATURATED: dict[str, Any] = {"x": "saturated", "w_x": "binary", "b": "small", "features": 1}

register(
    Case("rnn_cell", "typical", "typical", cell()),
    Case("rnn_cell", "no-bias", "typical", (*cell()[:4], None)),
    Case("rnn_cell", "relu", "typical", cell(), RELU),
    Case(
        "rnn_cell",
        "wide",
        "typical",
        (*(ArraySpec(s) for s in ((7, 40), (7, 5), (40, 5))), ArraySpec((5, 5)), ArraySpec((5,))),
        {"activation": OneOf(("tanh", "relu"))},
    ),
    Case(
        "rnn_cell", "no-samples", "edge shapes", (ArraySpec((0, C)), ArraySpec((0, H)), *cell()[2:])
    ),
    Case(
        "rnn_cell",
        "no-features",
        "edge shapes",
        (ArraySpec((N, 0)), cell()[1], ArraySpec((0, H)), *cell()[3:]),
    ),
    Case("rnn_cell", "one", "edge shapes", (ONE, ONE, ONE, ONE, ArraySpec((1,)))),
    # relu's derivative at 0 is 0. The sums are the biases, so that they are on the kink exactly.
    Case("rnn_cell", "kinks", "kinks", cell(x="zeros", h="zeros", b="kinks"), RELU),
    Case(
        "rnn_cell",
        "cancelling",
        "cancelling",
        (
            ArraySpec((N, 8), "paired"),
            ArraySpec((N, H), "zeros"),
            ArraySpec((8, H), "repeated", axis=0),
            ArraySpec((H, H)),
            None,
        ),
        dtypes=("float32", "float64"),  # in the half types what is left is below the roundoff
    ),
    Case("rnn", "typical", "typical", sequence()),
    Case("rnn", "no-bias", "typical", (*sequence()[:4], None)),
    Case("rnn", "relu", "typical", sequence(), RELU),
    Case("rnn", "reverse", "typical", sequence(), {"reverse": True}),
    Case("rnn", "lengths", "typical", sequence(), {"lengths": LENGTHS}),
    Case("rnn", "lengths-reverse", "typical", sequence(), {"lengths": LENGTHS, "reverse": True}),
    Case(
        "rnn",
        "relu-lengths-reverse",
        "typical",
        sequence(),
        {**RELU, "lengths": LENGTHS, "reverse": True},
    ),
    Case(
        "rnn",
        "drawn",
        "typical",
        (
            ArraySpec(("t", "n", "c")),
            ArraySpec(("n", "h")),
            ArraySpec(("c", "h"), "small"),
            ArraySpec(("h", "h"), "small"),
            ArraySpec(("h",)),
        ),
        {
            "activation": OneOf(("tanh", "relu")),
            "reverse": OneOf((False, True)),
            "lengths": ArraySpec(("n",), "lengths", high="t"),
        },
        dims={"t": (2, 3), "n": (4, 5), "c": (1, 1), "h": (6, 7)},
    ),
    Case("rnn", "no-steps", "edge shapes", (ArraySpec((0, N, C)), *sequence()[1:])),
    Case(
        "rnn",
        "no-samples",
        "edge shapes",
        (ArraySpec((T, 0, C)), ArraySpec((0, H)), *sequence()[2:]),
    ),
    Case(
        "rnn",
        "no-features",
        "edge shapes",
        (ArraySpec((T, N, 0)), sequence()[1], ArraySpec((0, H)), *sequence()[3:]),
    ),
    Case("rnn", "one", "edge shapes", (ArraySpec((1, 1, 1)), ONE, ONE, ONE, ArraySpec((1,)))),
    # Length 0, among others: the state is h0's and its cotangent passes through.
    Case(
        "rnn",
        "length-zero",
        "edge shapes",
        sequence(),
        {"lengths": ArraySpec((N,), "labels", high=3), "reverse": OneOf((False, True))},
    ),
    Case("rnn", "kinks", "kinks", sequence(x="zeros", h="zeros", w="zeros", b="kinks"), RELU),
)

for op, made in (("rnn_cell", cell), ("rnn", sequence)):
    register(
        Case(op, "tiny", "tiny", made(x="tiny", h="tiny", b="tiny")),
        Case(op, "tiny-relu", "tiny", made(x="tiny", h="tiny", b="tiny"), RELU),
        Case(op, "huge", "huge", made(x="huge")),
        Case(op, "huge-relu", "huge", made(x="huge root", h="huge root"), RELU),
        Case(op, "saturated", "saturated", made(**SATURATED)),
        Case(op, "special", "special", made(x="special")),
        Case(op, "special-relu", "special", made(x="special"), RELU),
        *(Case(op, layout, "layouts", made(layout=layout)) for layout in LAYOUTS),
    )

SQUARE = "from every state to every other"
FLAT = "tanh is saturated: every derivative underflows"
for op, x, h in (("rnn_cell", "dx", "dh"), ("rnn", "dxs", "dh0")):
    excuse(op, "*", "w_h", SQUARE)
    excuse(op, "huge", (x, h, "dw_x", "dw_h", "db"), FLAT)
excuse("rnn_cell", ("cancelling", "kinks"), "dw_h", "the state is 0")
excuse("rnn_cell", "kinks", "dw_x", "the input is 0")
excuse("rnn", "kinks", ("dxs", "dh0", "dw_x"), "input, state and weights are 0")
