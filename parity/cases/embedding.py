"""Cases of embedding and one_hot."""

from typing import Any

from parity.case import ArraySpec, Case, CellDtype, OneOf
from parity.registry import register

# Each number is looked up about four times.
IDS = ArraySpec((4, 7), "labels", high=6)
TABLE = ArraySpec((6, 5))
LAYOUTS = ("strided", "reversed", "transposed", "read_only")
DTYPE = CellDtype()

for regime in ("typical", "offset", "tiny", "huge", "special", "kinks"):
    values = "normal" if regime == "typical" else regime
    register(Case("embedding", regime, regime, (IDS, ArraySpec((6, 5), values))))

register(
    # The row of padding_idx gets no gradient, by convention: no derivative tells that.
    Case("embedding", "padding", "kinks", (IDS, TABLE), {"padding_idx": OneOf((0, 2, 5))}),
    Case("embedding", "once", "typical", (ArraySpec((4,), "labels", high=6), TABLE)),
    Case("embedding", "often", "typical", (ArraySpec((31,), "labels", high=3), ArraySpec((3, 4)))),
    Case(
        "embedding",
        "drawn",
        "typical",
        (ArraySpec(("t", "n"), "labels", high="v"), ArraySpec(("v", "d"))),
        dims={"t": (2, 4), "n": (5, 9), "v": (10, 12), "d": (3, 8)},
    ),
    Case("embedding", "scalar", "edge shapes", (ArraySpec((), "labels", high=6), TABLE)),
    Case("embedding", "no-ids", "edge shapes", (ArraySpec((0, 3), "labels", high=6), TABLE)),
    Case("embedding", "no-features", "edge shapes", (IDS, ArraySpec((6, 0)))),
    Case("embedding", "one", "edge shapes", (ArraySpec((1,), "labels", high=1), ArraySpec((1, 1)))),
    *(
        Case(
            "embedding",
            layout,
            "layouts",
            (
                ArraySpec((4, 7), "labels", high=6, layout=layout),
                ArraySpec((6, 5), layout=layout),
            ),
        )
        for layout in LAYOUTS
    ),
)


def one_hot(name: str, regime: str, labels: ArraySpec, **options: Any) -> Case:
    """Return a case of one_hot, which is a function of integers: it has no derivative."""
    options = {"classes": labels.high, "dtype": DTYPE, **options}
    return Case("one_hot", name, regime, (labels,), options, vjp=False)


LABELS = ArraySpec((4, 7), "labels", high=6)
register(
    one_hot("typical", "typical", LABELS),
    one_hot("more-classes", "typical", LABELS, classes=8),
    one_hot("axis", "typical", LABELS, axis=OneOf((0, 1, 2, -2, -3))),
    one_hot("scalar", "edge shapes", ArraySpec((), "labels", high=3)),
    one_hot("no-labels", "edge shapes", ArraySpec((0, 4), "labels", high=3)),
    one_hot("one-class", "edge shapes", ArraySpec((5,), "labels", high=1)),
    *(
        one_hot(layout, "layouts", ArraySpec((4, 7), "labels", high=6, layout=layout))
        for layout in LAYOUTS
    ),
)
