"""Cases of the matrix product."""

from parity.case import ArraySpec, Case
from parity.registry import register

A, B = (5, 7), (7, 3)

register(
    Case("matmul", "typical", "typical", (ArraySpec(A), ArraySpec(B))),
    # Not in float16: 513 roundings of it leave nothing to compare.
    Case(
        "matmul",
        "long",
        "typical",
        (ArraySpec((3, 513)), ArraySpec((513, 2))),
        dtypes=("float32", "float64"),
    ),
    Case("matmul", "batched", "typical", (ArraySpec((2, 5, 7)), ArraySpec((2, 7, 3)))),
    Case("matmul", "broadcast", "typical", (ArraySpec((4, 1, 5, 7)), ArraySpec((2, 7, 3)))),
    Case("matmul", "broadcast-one", "typical", (ArraySpec((1, 5, 7)), ArraySpec((2, 7, 3)))),
    Case("matmul", "shared-right", "typical", (ArraySpec((2, 5, 7)), ArraySpec(B))),
    Case("matmul", "shared-left", "typical", (ArraySpec(A), ArraySpec((2, 7, 3)))),
    Case("matmul", "row-vector", "typical", (ArraySpec((7,)), ArraySpec(B))),
    Case("matmul", "column-vector", "typical", (ArraySpec(A), ArraySpec((7,)))),
    Case("matmul", "vectors", "typical", (ArraySpec((7,)), ArraySpec((7,)))),
    Case("matmul", "vector-batch", "typical", (ArraySpec((7,)), ArraySpec((2, 7, 3)))),
    Case("matmul", "batch-vector", "typical", (ArraySpec((2, 5, 7)), ArraySpec((7,)))),
    Case("matmul", "offset", "offset", (ArraySpec(A, "offset"), ArraySpec(B))),
    Case("matmul", "tiny", "tiny", (ArraySpec(A, "tiny"), ArraySpec(B))),
    Case("matmul", "huge", "huge", (ArraySpec(A, "huge"), ArraySpec(B))),
    Case("matmul", "huge-right", "huge", (ArraySpec(A), ArraySpec(B, "huge"))),
    Case(
        "matmul",
        "cancelling",
        "cancelling",
        (ArraySpec((5, 8), "paired"), ArraySpec((8, 3), "repeated", axis=0)),
    ),
    Case("matmul", "special", "special", (ArraySpec(A, "special"), ArraySpec(B))),
    Case("matmul", "no-rows", "edge shapes", (ArraySpec((0, 7)), ArraySpec(B))),
    Case("matmul", "no-inner", "edge shapes", (ArraySpec((5, 0)), ArraySpec((0, 3)))),
    Case("matmul", "one", "edge shapes", (ArraySpec((1, 1)), ArraySpec((1, 1)))),
    *(
        Case(
            "matmul", layout, "layouts", (ArraySpec(A, layout=layout), ArraySpec(B, layout=layout))
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)
