"""Cases of lstm_cell and lstm."""

from typing import Any

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

T, N, C, H = 4, 3, 5, 6
LAYOUTS = ("strided", "reversed", "transposed", "read_only")


def cell(
    x: str = "normal",
    h: str = "normal",
    c: str = "normal",
    w: str = "small",
    w_x: str = "",
    b: str = "normal",
    p: str | None = None,
    layout: str = "plain",
    features: int = C,
) -> tuple[ArraySpec | None, ...]:
    """Return the inputs of lstm_cell from these distributions."""
    return (
        ArraySpec((N, features), x, layout=layout),
        ArraySpec((N, H), h, layout=layout),
        ArraySpec((N, H), c, layout=layout),
        ArraySpec((features, 4 * H), w_x or w, layout=layout),
        ArraySpec((H, 4 * H), w, layout=layout),
        ArraySpec((4 * H,), b, layout=layout),
        None if p is None else ArraySpec((3, H), p, layout=layout),
    )


def sequence(**kwargs: Any) -> tuple[ArraySpec | None, ...]:
    """Return the inputs of lstm from these distributions."""
    x, *rest = cell(**kwargs)
    assert x is not None
    return ArraySpec((T, *x.shape), x.draw, layout=x.layout), *rest


GATES = {"gates": OneOf(("iofg", "igfo", "ofgi", "gfio"))}
LENGTHS = ArraySpec((N,), "lengths", high=T)
ONE = ArraySpec((1, 1))
# Weights of 0 and 1, so that the sums are near the arguments drawn. Between those lie some whose
# exponentials are subnormal, where PyTorch's sigmoid is known to be 0.
SATURATED: dict[str, Any] = {"x": "saturated", "w_x": "binary", "b": "small", "features": 1}
ONES = (ONE, ONE, ArraySpec((1, 4)), ArraySpec((1, 4)), ArraySpec((4,)), ArraySpec((3, 1)))

register(
    Case(
        "lstm_cell",
        "no-samples",
        "edge shapes",
        (ArraySpec((0, C)), ArraySpec((0, H)), ArraySpec((0, H)), *cell()[3:]),
    ),
    Case(
        "lstm_cell",
        "no-features",
        "edge shapes",
        (ArraySpec((N, 0)), *cell()[1:3], ArraySpec((0, 4 * H)), *cell()[4:]),
    ),
    Case("lstm_cell", "one", "edge shapes", (ONE, *ONES)),
    Case("lstm", "reverse", "typical", sequence(), {"reverse": True}),
    Case("lstm", "lengths", "typical", sequence(), {"lengths": LENGTHS}),
    Case("lstm", "lengths-reverse", "typical", sequence(), {"lengths": LENGTHS, "reverse": True}),
    Case(
        "lstm",
        "everything",
        "typical",
        sequence(p="small"),
        {**GATES, "lengths": LENGTHS, "reverse": OneOf((False, True))},
    ),
    Case("lstm", "no-steps", "edge shapes", (ArraySpec((0, N, C)), *sequence()[1:])),
    Case(
        "lstm",
        "no-samples",
        "edge shapes",
        (ArraySpec((T, 0, C)), ArraySpec((0, H)), ArraySpec((0, H)), *sequence()[3:]),
    ),
    Case("lstm", "one", "edge shapes", (ArraySpec((1, 1, 1)), *ONES)),
    Case(
        "lstm",
        "length-zero",
        "edge shapes",
        sequence(p="small"),
        {"lengths": ArraySpec((N,), "labels", high=3), "reverse": OneOf((False, True))},
    ),
)

for op, made in (("lstm_cell", cell), ("lstm", sequence)):
    register(
        Case(op, "typical", "typical", made()),
        Case(op, "no-bias", "typical", (*made()[:5], None, None)),
        Case(op, "gates", "typical", made(), GATES),
        Case(op, "peepholes", "typical", made(p="small")),
        Case(op, "peepholes-gates", "typical", made(p="small"), GATES),
        Case(op, "peepholes-no-bias", "typical", (*made()[:5], None, made(p="small")[6])),
        Case(op, "tiny", "tiny", made(x="tiny", h="tiny", c="tiny", b="tiny")),
        Case(op, "tiny-peepholes", "tiny", made(x="tiny", h="tiny", c="tiny", b="tiny", p="small")),
        Case(op, "huge", "huge", made(x="huge")),
        Case(op, "huge-memory", "huge", made(c="huge")),
        Case(op, "saturated", "saturated", made(**SATURATED)),
        Case(op, "saturated-memory", "saturated", made(c="saturated")),
        Case(op, "special", "special", made(x="special")),
        Case(op, "special-memory", "special", made(c="special")),
        *(Case(op, layout, "layouts", made(p="small", layout=layout)) for layout in LAYOUTS),
    )

FLAT = "the gates are saturated: every derivative underflows"
excuse("lstm_cell", "huge", ("dx", "dh", "dw_x", "dw_h", "db"), FLAT)
excuse("lstm", "huge", ("dxs", "dh0", "dw_x", "dw_h", "db"), FLAT)
excuse("lstm", "huge-memory", ("dh0", "dc0", "dw_x", "dw_h", "db"), FLAT)
for op in ("lstm_cell", "lstm"):
    excuse(
        op, "tiny-peepholes", "dp", "products of tiny values underflow: nothing must come of them"
    )
