"""Cases of batch_norm, in training and at inference."""

from parity.case import ArraySpec, Case, OneOf
from parity.registry import excuse, register

OP = "batch_norm"
X, C = (3, 5, 4, 2), (2,)
FIRST = (3, 2, 5, 4)
NCHW = {"layout": "NCHW"}
INFERENCE = {"training": False}
KERAS = {"momentum": 0.99, "momentum_of": "old", "unbiased": False, "eps": 1e-3}
ONNX = {"momentum": 0.9, "momentum_of": "old", "unbiased": False}
P = ArraySpec(C)
MEAN, VARIANCE = ArraySpec(C), ArraySpec(C, "positive")
RUNNING = (P, P, MEAN, VARIANCE)
ALONE = (P, P, None, None)
PLAIN = (None, None, None, None)

for regime, values in (
    ("typical", "normal"),
    ("offset", "offset"),  # kills a variance that squares before it centres
    ("tiny", "tiny"),
    ("huge", "huge root"),  # whose squares do not overflow
    ("saturated", "saturated"),
):
    # The running variance of huge values is as huge, and infinite in float16.
    running = ALONE if regime == "huge" else RUNNING
    register(
        Case(OP, regime, regime, (ArraySpec(X, values), *ALONE)),
        Case(OP, f"{regime}-first", regime, (ArraySpec(FIRST, values), *ALONE), NCHW),
        Case(OP, f"{regime}-running", regime, (ArraySpec(X, values), *running), {"eps": 2e-5}),
        Case(OP, f"{regime}-inference", regime, (ArraySpec(X, values), *RUNNING), INFERENCE),
    )

register(
    Case(OP, "cancelling", "cancelling", (ArraySpec((7, 2), "close"), *ALONE)),
    Case(OP, "cancelling-running", "cancelling", (ArraySpec((7, 2), "close"), *RUNNING)),
    Case(OP, "plain", "typical", (ArraySpec(X), *PLAIN)),
    Case(OP, "no-beta", "typical", (ArraySpec(X), P, None, None, None)),
    Case(OP, "no-gamma", "typical", (ArraySpec(X), None, P, None, None)),
    Case(OP, "eps", "typical", (ArraySpec(X), *ALONE), {"eps": 0.3}),
    Case(OP, "no-space", "typical", (ArraySpec((13, 2)), *ALONE)),
    Case(OP, "no-space-first", "typical", (ArraySpec((13, 2)), *RUNNING), NCHW),
    Case(OP, "one-axis", "typical", (ArraySpec((5, 7, 2)), *RUNNING)),
    Case(OP, "cube", "typical", (ArraySpec((3, 4, 1, 5, 2)), *RUNNING)),
    Case(OP, "cube-first", "typical", (ArraySpec((3, 2, 4, 1, 5)), *RUNNING), NCHW),
    Case(OP, "many", "typical", (ArraySpec((1031, 2)), *RUNNING)),
    Case(OP, "keras", "typical", (ArraySpec(X), *RUNNING), KERAS),
    Case(OP, "onnx", "typical", (ArraySpec(FIRST), *RUNNING), {**NCHW, **ONNX}),
    Case(OP, "biased", "typical", (ArraySpec(X), *RUNNING), {"momentum": 0.7, "unbiased": False}),
    Case(
        OP, "unbiased", "typical", (ArraySpec(X), *RUNNING), {"momentum": 0.3, "momentum_of": "old"}
    ),
    Case(OP, "all-new", "typical", (ArraySpec(X), *RUNNING), {"momentum": 1.0}),
    Case(OP, "all-old", "typical", (ArraySpec(X), *RUNNING), {"momentum": 0.0}),
    Case(OP, "running-plain", "typical", (ArraySpec(X), None, None, MEAN, VARIANCE)),
    Case(OP, "inference-first", "typical", (ArraySpec(FIRST), *RUNNING), {**NCHW, **INFERENCE}),
    Case(OP, "inference-plain", "typical", (ArraySpec(X), None, None, MEAN, VARIANCE), INFERENCE),
    Case(OP, "inference-eps", "typical", (ArraySpec(X), *RUNNING), {**INFERENCE, "eps": 0.3}),
    Case(OP, "inference-no-eps", "typical", (ArraySpec(X), *RUNNING), {**INFERENCE, "eps": 0.0}),
    Case(
        OP,
        "drawn",
        "typical",
        (
            ArraySpec(("n", "h", "c")),
            ArraySpec(("c",)),
            ArraySpec(("c",)),
            ArraySpec(("c",)),
            ArraySpec(("c",), "positive"),
        ),
        {
            "momentum": OneOf((0.1, 0.4, 0.8)),
            "momentum_of": OneOf(("new", "old")),
            "unbiased": OneOf((True, False)),
            "training": OneOf((True, False)),
        },
        dims={"n": (2, 3), "h": (4, 6), "c": (7, 9)},
    ),
    # Where a channel holds NaN or an infinity it becomes NaN; there are clean ones beside.
    Case(
        OP,
        "special",
        "special",
        (ArraySpec((3, 11), "special"), ArraySpec((11,)), ArraySpec((11,)), None, None),
    ),
    Case(
        OP,
        "special-running",
        "special",
        (
            ArraySpec((3, 11), "special"),
            ArraySpec((11,)),
            ArraySpec((11,)),
            ArraySpec((11,)),
            ArraySpec((11,), "positive"),
        ),
    ),
    Case(OP, "special-inference", "special", (ArraySpec(X, "special"), *RUNNING), INFERENCE),
    # A constant channel has no variance: eps alone is under the root.
    Case(OP, "constant", "kinks", (ArraySpec(X, "zeros"), *RUNNING)),
    Case(OP, "two-values", "edge shapes", (ArraySpec((2, 3)), *(ArraySpec((3,)),) * 2, None, None)),
    Case(OP, "inference-one-value", "edge shapes", (ArraySpec((1, 2)), *RUNNING), INFERENCE),
    Case(OP, "inference-no-samples", "edge shapes", (ArraySpec((0, 5, 2)), *RUNNING), INFERENCE),
    *(
        Case(
            OP,
            layout,
            "layouts",
            (
                ArraySpec(X, layout=layout),
                *(ArraySpec(C, layout=layout),) * 3,
                ArraySpec(C, "positive", layout=layout),
            ),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
    *(
        Case(
            OP,
            f"{layout}-inference-first",
            "layouts",
            (
                ArraySpec(FIRST, layout=layout),
                *(ArraySpec(C, layout=layout),) * 3,
                ArraySpec(C, "positive", layout=layout),
            ),
            {**NCHW, **INFERENCE},
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

excuse(OP, "constant", "dgamma", "values that are all the same have no deviation from their mean")
excuse(OP, "all-new", ("drunning_mean", "drunning_var"), "nothing is left of the old ones")
