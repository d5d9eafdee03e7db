"""Cases of the activations.

Kinks, by convention: a rectifier's derivative at 0 is that of its left side (relu 0, leaky_relu and
prelu their slope, elu alpha, selu scale alpha), that of hard_sigmoid and hard_tanh at both ends 0.
"""

from parity.case import DTYPES, ArraySpec, Case
from parity.registry import excuse, register

SHAPE = (6, 7)
AFFINE = {"slope": -1.7, "intercept": 0.3}
PLAIN = (
    *("elu", "gelu", "hard_sigmoid", "hard_tanh", "identity", "leaky_relu", "mish", "relu"),
    *("selu", "sigmoid", "silu", "softplus", "softsign", "step", "tanh"),
)
TANH = {"approximate": "tanh"}
REGIMES = (
    ("typical", "normal"),
    ("offset", "offset"),
    ("tiny", "tiny"),
    ("huge", "huge"),
    ("saturated", "saturated"),
    ("kinks", "kinks"),
    ("special", "special"),
)
# torch has one loop for whole blocks of up to 64 elements and one for the rest, and the derivatives
# of these at NaN differ between the two.
TWO_LOOPS = ("elu", "hard_sigmoid", "hard_tanh", "selu")

for op in ("affine", *PLAIN):
    options = AFFINE if op == "affine" else {}
    # A number below 0 or beyond an end would leave nothing to see of these.
    alone = "unit" if op in ("relu", "hard_tanh", "step") else "normal"
    for regime, values in REGIMES:
        if (op, regime) == ("softsign", "offset"):
            continue  # there torch's derivative in the half types, a difference, has no digit left
        shape = (64, 7) if op in TWO_LOOPS and regime == "special" else SHAPE
        # oneDNN, to which torch leaves gelu in bfloat16, takes subnormal numbers for 0.
        dtypes = tuple(d for d in DTYPES if (op, regime, d) != ("gelu", "tiny", "bfloat16"))
        register(Case(op, regime, regime, (ArraySpec(shape, values),), options, dtypes))
    register(
        Case(op, "wide", "typical", (ArraySpec((3, 5, 67)),), options),
        Case(op, "empty", "edge shapes", (ArraySpec((0, 3)),), options),
        Case(op, "one", "edge shapes", (ArraySpec((1,)),), options),
        Case(op, "scalar", "edge shapes", (ArraySpec((), alone),), options),
        *(
            Case(op, layout, "layouts", (ArraySpec(SHAPE, layout=layout),), options)
            for layout in ("strided", "reversed", "transposed", "read_only")
        ),
    )

for op in ("elu", "mish", "selu", "sigmoid", "silu", "softplus", "tanh"):
    register(Case(op, "underflow", "saturated", (ArraySpec(SHAPE, "underflowing"),)))

register(
    Case("affine", "defaults", "typical", (ArraySpec(SHAPE),)),
    Case("affine", "slope", "typical", (ArraySpec(SHAPE),), {"slope": 2.5}),
    Case("affine", "intercept", "typical", (ArraySpec(SHAPE),), {"intercept": -1.1}),
    Case(
        "affine", "cancelling", "cancelling", (ArraySpec(SHAPE, "positive"),), {"intercept": -1.0}
    ),
    Case("elu", "alpha", "typical", (ArraySpec(SHAPE),), {"alpha": 1.7}),
    Case("elu", "alpha-kinks", "kinks", (ArraySpec(SHAPE, "kinks"),), {"alpha": 0.3}),
    Case("elu", "alpha-saturated", "saturated", (ArraySpec(SHAPE, "saturated"),), {"alpha": 0.3}),
    *(
        Case(op, "special-rest", "special", (ArraySpec((7,), "special"),))
        for op in ("elu", "hard_tanh", "selu")
    ),
    Case("gelu", "tiny-normal", "tiny", (ArraySpec(SHAPE, "tiny probs"),)),
    Case("gelu", "negative", "typical", (ArraySpec(SHAPE, "negative"),)),
    *(
        Case("gelu", f"tanh-{regime}", regime, (ArraySpec(SHAPE, values),), TANH)
        for regime, values in REGIMES
    ),
    Case("gelu", "tanh-negative", "typical", (ArraySpec(SHAPE, "negative"),), TANH),
    Case("hard_sigmoid", "ends", "kinks", (ArraySpec(SHAPE, "hard kinks"),)),
    Case("hard_sigmoid", "slope-ends", "kinks", (ArraySpec(SHAPE, "hard kinks"),), {"slope": 0.2}),
    Case("hard_sigmoid", "slope", "typical", (ArraySpec(SHAPE),), {"slope": 0.2}),
    Case("hard_sigmoid", "offset-option", "typical", (ArraySpec(SHAPE),), {"offset": 0.3}),
    Case("hard_sigmoid", "falling", "typical", (ArraySpec(SHAPE),), {"slope": -0.4, "offset": 0.6}),
    Case("hard_sigmoid", "sixth", "layouts", (ArraySpec(SHAPE),), {"slope": 1 / 6}),
    Case("hard_sigmoid", "steep", "huge", (ArraySpec(SHAPE, "huge"),), {"slope": 1e4}),
    Case("hard_tanh", "ends", "typical", (ArraySpec(SHAPE),), {"low": -0.75, "high": 1.5}),
    Case("hard_tanh", "relu6", "kinks", (ArraySpec(SHAPE, "hard kinks"),), {"low": 0.0, "high": 3}),
    Case("hard_tanh", "far-end", "offset", (ArraySpec(SHAPE, "offset"),), {"high": 99.5}),
    Case("leaky_relu", "slope", "typical", (ArraySpec(SHAPE),), {"slope": 0.3}),
    Case("leaky_relu", "steep", "huge", (ArraySpec(SHAPE, "huge"),), {"slope": 100.0}),
    Case("leaky_relu", "falling", "kinks", (ArraySpec(SHAPE, "kinks"),), {"slope": -0.3}),
    Case("softplus", "beta", "typical", (ArraySpec(SHAPE),), {"beta": 2.3}),
    Case("softplus", "small-beta", "typical", (ArraySpec(SHAPE),), {"beta": 0.3}),
    Case("softplus", "beta-saturated", "saturated", (ArraySpec(SHAPE, "saturated"),), {"beta": 3}),
    Case("softplus", "beta-huge", "huge", (ArraySpec(SHAPE, "huge"),), {"beta": 1e4}),
    Case("softplus", "confident", "saturated", (ArraySpec(SHAPE, "confident"),)),
)

for regime, values in REGIMES:
    register(Case("prelu", regime, regime, (ArraySpec(SHAPE, values), ArraySpec((7,)))))
register(
    Case("prelu", "shared", "typical", (ArraySpec((3, 2)), ArraySpec((1,)))),
    Case("prelu", "one-number", "typical", (ArraySpec((2, 4)), ArraySpec(()))),
    Case("prelu", "wide", "typical", (ArraySpec((3, 5, 67)), ArraySpec((67,)))),
    Case("prelu", "batched", "typical", (ArraySpec((2, 5, 3)), ArraySpec((3,)))),
    Case("prelu", "channels-first", "typical", (ArraySpec((2, 5, 4, 3)), ArraySpec((5, 1, 1)))),
    Case("prelu", "per-element", "typical", (ArraySpec((4, 5, 3)), ArraySpec((5, 3)))),
    Case("prelu", "per-sample", "typical", (ArraySpec((4, 5, 3)), ArraySpec((4, 1, 3)))),
    Case("prelu", "vector", "edge shapes", (ArraySpec((4,)), ArraySpec((4,)))),
    Case("prelu", "scalar", "edge shapes", (ArraySpec(()), ArraySpec((1,)))),
    Case("prelu", "one", "edge shapes", (ArraySpec((1, 1), "negative"), ArraySpec((1,)))),
    Case("prelu", "empty", "edge shapes", (ArraySpec((0, 3)), ArraySpec((3,)))),
    Case("prelu", "special-slopes", "special", (ArraySpec(SHAPE), ArraySpec((7,), "special"))),
    *(
        Case(
            "prelu",
            layout,
            "layouts",
            (ArraySpec(SHAPE, layout=layout), ArraySpec((7,), layout=layout)),
        )
        for layout in ("strided", "reversed", "transposed", "read_only")
    ),
)

# Where it is flat, nothing coming back is the point.
FLAT = "it is flat there, to the last digit or altogether"
excuse("hard_sigmoid", ("huge", "offset", "steep"), "dx", FLAT)
excuse("hard_tanh", ("huge", "offset", "saturated"), "dx", FLAT)
excuse("sigmoid", ("huge", "offset"), "dx", FLAT)
excuse("tanh", ("huge", "offset", "underflow"), "dx", FLAT)
excuse("softsign", "huge", "dx", FLAT)
excuse("step", "*", "dx", "a step is flat on either side")
excuse("step", "one", "y", "a number below 0, as the other is above")
excuse("softplus", "confident", ("y", "dx"), "in float16 it underflows to 0")
excuse("prelu", "offset", "da", "no value is below 0, where the slopes are")
