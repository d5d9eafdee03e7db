"""Cases of gru_cell and gru."""

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
    b_h: str = "normal",
    layout: str = "plain",
    features: int = C,
) -> tuple[ArraySpec, ...]:
    """Return the inputs of gru_cell from these distributions."""
    return (
        ArraySpec((N, features), x, layout=layout),
        ArraySpec((N, H), h, layout=layout),
        ArraySpec((features, 3 * H), w_x or w, layout=layout),
        ArraySpec((H, 3 * H), w, layout=layout),
        ArraySpec((3 * H,), b, layout=layout),
        ArraySpec((3 * H,), b_h, layout=layout),
    )


def sequence(**kwargs: Any) -> tuple[ArraySpec, ...]:
    """Return the inputs of gru from these distributions."""
    x, *rest = cell(**kwargs)
    return ArraySpec((T, *x.shape), x.draw, layout=x.layout), *rest


BEFORE = {"reset_after": False}
GATES = {"gates": OneOf(("zrn", "nzr", "rnz"))}
LENGTHS = ArraySpec((N,), "lengths", high=T)
ONE = ArraySpec((1, 1))
# Weights of 0 and 1, so that the sums are near the arguments drawn. Between those lie some whose
# exponentials are subnormal, where PyTorch's sigmoid is known to be 0.
SATURATED: dict[str, Any] = {
    "x": "saturated",
    "w_x": "binary",
    "b": "small",
    "b_h": "small",
    "features": 1,
}
ONES = (ONE, ArraySpec((1, 3)), ArraySpec((1, 3)), ArraySpec((3,)), ArraySpec((3,)))

register(
    Case(
        "gru_cell",
        "no-samples",
        "edge shapes",
        (ArraySpec((0, C)), ArraySpec((0, H)), *cell()[2:]),
    ),
    Case(
        "gru_cell",
        "no-features",
        "edge shapes",
        (ArraySpec((N, 0)), cell()[1], ArraySpec((0, 3 * H)), *cell()[3:]),
    ),
    Case("gru_cell", "one", "edge shapes", (ONE, *ONES)),
    Case("gru", "reverse", "typical", sequence(), {"reverse": True}),
    Case("gru", "lengths", "typical", sequence(), {"lengths": LENGTHS}),
    Case("gru", "lengths-reverse", "typical", sequence(), {"lengths": LENGTHS, "reverse": True}),
    Case(
        "gru",
        "everything",
        "typical",
        sequence(),
        {**GATES, **BEFORE, "lengths": LENGTHS, "reverse": OneOf((False, True))},
    ),
    Case("gru", "no-steps", "edge shapes", (ArraySpec((0, N, C)), *sequence()[1:])),
    Case(
        "gru",
        "no-samples",
        "edge shapes",
        (ArraySpec((T, 0, C)), ArraySpec((0, H)), *sequence()[2:]),
    ),
    Case("gru", "one", "edge shapes", (ArraySpec((1, 1, 1)), *ONES)),
    Case(
        "gru",
        "length-zero",
        "edge shapes",
        sequence(),
        {"lengths": ArraySpec((N,), "labels", high=3), "reverse": OneOf((False, True))},
    ),
)

for op, made in (("gru_cell", cell), ("gru", sequence)):
    register(
        Case(op, "typical", "typical", made()),
        Case(op, "no-bias", "typical", (*made()[:4], None, None)),
        Case(op, "no-hidden-bias", "typical", (*made()[:5], None)),
        Case(op, "hidden-bias-alone", "typical", (*made()[:4], None, made()[5])),
        Case(op, "gates", "typical", made(), GATES),
        # An order that is not its own inverse, as those above are.
        Case(op, "gates-turned", "typical", made(), {"gates": "nrz"}),
        Case(op, "reset-before", "typical", made(), BEFORE),
        Case(op, "reset-before-gates", "typical", made(), {**BEFORE, **GATES}),
        Case(op, "reset-before-no-bias", "typical", (*made()[:4], None, None), BEFORE),
        Case(op, "tiny", "tiny", made(x="tiny", h="tiny", b="tiny", b_h="tiny")),
        Case(
            op, "tiny-reset-before", "tiny", made(x="tiny", h="tiny", b="tiny", b_h="tiny"), BEFORE
        ),
        Case(op, "huge", "huge", made(x="huge")),
        Case(op, "huge-state", "huge", made(h="huge root")),
        Case(op, "saturated", "saturated", made(**SATURATED)),
        Case(op, "special", "special", made(x="special")),
        Case(op, "special-state", "special", made(h="special"), BEFORE),
        *(Case(op, layout, "layouts", made(layout=layout)) for layout in LAYOUTS),
        *(
            Case(op, f"{layout}-reset-before", "layouts", made(layout=layout), BEFORE)
            for layout in ("transposed", "reversed")
        ),
    )

FLAT = "the gates are saturated: every derivative underflows"
excuse("gru_cell", "huge", ("dx", "dw_x", "dw_h", "db", "db_h"), FLAT)
excuse("gru", "huge", ("dxs", "dw_x", "dw_h", "db", "db_h"), FLAT)
excuse("gru_cell", "huge-state", ("dx", "dh", "dw_h", "db_h"), FLAT)
excuse("gru", "huge-state", ("dh0", "dw_x", "dw_h", "db", "db_h"), FLAT)
