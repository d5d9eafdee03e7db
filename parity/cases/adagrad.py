"""Cases of AdaGrad's updates."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("eps", 1.0, {"eps": 0.1}),
    ("eps-inside", 1.0, {"eps": 0.1, "eps_inside": True}),
    ("accumulator", 1.0, {"initial_accumulator": 0.5}),
    ("lr-decay", 1.0, {"lr_decay": 0.3}),
    ("lr-decay-inside", 1.0, {"lr_decay": 0.3, "eps_inside": True, "eps": 1e-3}),
    ("tiny", 1e-9, {}),
    ("tiny-inside", 1e-5, {"eps_inside": True}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
    ("keras", 1.0, {"initial_accumulator": 0.1, "eps": 1e-7, "eps_inside": True}),
    ("ann-box", 1.0, {"initial_accumulator": 0.1, "eps": 0.0}),
    ("scratch-notes", 1e-6, {"eps": 1e-7}),
):
    register(
        OptimizerCase(
            "adagrad",
            name,
            {"lr": 0.3, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
# The default eps is 0 in float16.
register(
    OptimizerCase(
        "adagrad",
        "half",
        {"lr": 0.3, "eps": 1e-3, "lr_decay": 0.1},
        SHAPES,
        dtypes=("float16", "bfloat16"),
    ),
    OptimizerCase(
        "adagrad",
        "half-inside",
        {"lr": 0.3, "eps": 1e-3, "eps_inside": True, "initial_accumulator": 0.1},
        SHAPES,
        dtypes=("float16", "bfloat16"),
    ),
)

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("adagrad", ("nothing", "zeros"), name, STILL)
    excuse("adagrad", "nothing", (f"step of {name}", f"sum of {name}"), STILL)
