"""Cases of slice."""

from typing import Any

from parity.case import ArraySpec, Case, OneOf
from parity.registry import register

SHAPE = (4, 6, 5)
PART = {"starts": (1, -5), "stops": (4, 5), "steps": (2, 1)}
BACK = {"starts": (None, 4, 0), "stops": (None, 0, 5), "steps": (-1, -2, 2)}


def part(name: str, starts: Any, stops: Any, steps: Any = None) -> Case:
    """Return a case of values of size 1."""
    options = {"starts": starts, "stops": stops} | ({} if steps is None else {"steps": steps})
    return Case("slice", name, "typical", (ArraySpec(SHAPE),), options)


for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("kinks", "kinks"),
    ("special", "special"),
):
    register(Case("slice", regime, regime, (ArraySpec(SHAPE, values),), PART))

register(
    part("backwards", **BACK),
    part("first-axis", (1,), (3,)),
    part("to-the-end", (None, -2, 2), (None, None, None)),
    part("no-axis", (), ()),
    part("beyond-the-ends", (-9, 2, 4), (9, 99, -99), (1, 3, -1)),
    part("some-steps", (3, None), (0, None), (-2, None)),
    Case(
        "slice",
        "drawn",
        "typical",
        (ArraySpec(("n", "h", "c")),),
        {
            "starts": OneOf(((0, 1, 2), (None, -4, 3), (-2, None, -1))),
            "stops": OneOf(((None, None, None), (2, 5, 8), (-1, 4, None))),
            "steps": OneOf(((1, 2, 3), (None, 1, None), (1, None, 2))),
        },
        dims={"n": (3, 4), "h": (5, 7), "c": (8, 10)},
    ),
    Case(
        "slice", "empty", "edge shapes", (ArraySpec((0, 3)),), {"starts": (0, 1), "stops": (5, 3)}
    ),
    Case(
        "slice",
        "empty-backwards",
        "edge shapes",
        (ArraySpec((3, 0)),),
        {"starts": (2, None), "stops": (None, None), "steps": (-2, -1)},
    ),
    Case("slice", "one", "edge shapes", (ArraySpec((1, 1)),), {"starts": (-1,), "stops": (None,)}),
    Case("slice", "scalar", "edge shapes", (ArraySpec(()),), {"starts": (), "stops": ()}),
    *(
        Case("slice", f"{name}{layout}", "layouts", (ArraySpec(SHAPE, layout=layout),), options)
        for name, options in (("", PART), ("backwards-", BACK))
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
