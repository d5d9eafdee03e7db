"""Cases of dense and bias_add."""

from parity.case import ArraySpec, Case
from parity.registry import register

X, W, B = (5, 7), (7, 3), (3,)

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("special", "special"),
):
    bias = values if values != "special" else "normal"
    register(
        Case("dense", regime, regime, (ArraySpec(X, values), ArraySpec(W), ArraySpec(B, bias))),
        Case("bias_add", regime, regime, (ArraySpec(X, values), ArraySpec((7,), values))),
    )

register(
    Case("dense", "no-bias", "typical", (ArraySpec(X), ArraySpec(W), None)),
    Case("dense", "vector", "typical", (ArraySpec((7,)), ArraySpec(W), ArraySpec(B))),
    Case("dense", "batched", "typical", (ArraySpec((2, 5, 7)), ArraySpec(W), ArraySpec(B))),
    Case("dense", "long", "typical", (ArraySpec((4, 784)), ArraySpec((784, 3)), ArraySpec(B))),
    Case("dense", "many", "typical", (ArraySpec((257, 3)), ArraySpec((3, 2)), ArraySpec((2,)))),
    Case("dense", "huge-weights", "huge", (ArraySpec(X), ArraySpec(W, "huge"), ArraySpec(B))),
    Case(
        "dense",
        "cancelling",
        "cancelling",
        (ArraySpec((5, 8), "paired"), ArraySpec((8, 3), "repeated", axis=0), ArraySpec(B, "zeros")),
    ),
    Case("dense", "no-samples", "edge shapes", (ArraySpec((0, 7)), ArraySpec(W), ArraySpec(B))),
    Case(
        "dense", "no-features", "edge shapes", (ArraySpec((5, 0)), ArraySpec((0, 3)), ArraySpec(B))
    ),
    Case("dense", "one", "edge shapes", (ArraySpec((1, 1)), ArraySpec((1, 1)), ArraySpec((1,)))),
    Case("bias_add", "batched", "typical", (ArraySpec((2, 3, 5)), ArraySpec((5,)))),
    Case("bias_add", "vector", "edge shapes", (ArraySpec((4,)), ArraySpec((4,)))),
    Case("bias_add", "no-samples", "edge shapes", (ArraySpec((0, 3)), ArraySpec((3,)))),
)

for layout in ("strided", "reversed", "transposed", "read_only"):
    register(
        Case(
            "dense",
            layout,
            "layouts",
            tuple(ArraySpec(shape, layout=layout) for shape in (X, W, B)),
        ),
        Case(
            "bias_add",
            layout,
            "layouts",
            (ArraySpec(X, layout=layout), ArraySpec((7,), layout=layout)),
        ),
    )
