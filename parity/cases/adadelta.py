"""Cases of AdaDelta's updates."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("rho", 1.0, {"rho": 0.6}),
    ("lr", 1.0, {"lr": 0.1}),
    ("eps", 1.0, {"eps": 1e-2}),
    ("tiny", 1e-3, {}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
    ("ann-box", 1.0, {"lr": 0.001, "rho": 0.95, "eps": 1e-8}),
):
    register(
        OptimizerCase(
            "adadelta", name, options, SHAPES, gradients=gradients, dtypes=("float32", "float64")
        )
    )
register(
    OptimizerCase("adadelta", "half", {"eps": 1e-2}, SHAPES, dtypes=("float16", "bfloat16")),
)

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("adadelta", ("nothing", "zeros"), name, STILL)
    excuse(
        "adadelta",
        "nothing",
        (f"step of {name}", f"square_avg of {name}", f"acc_delta of {name}"),
        STILL,
    )
