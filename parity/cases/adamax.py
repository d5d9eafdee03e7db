"""Cases of AdaMax's updates."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("beta1", 1.0, {"beta1": 0.4}),
    ("beta2", 1.0, {"beta2": 0.5}),
    ("eps", 1.0, {"eps": 0.1}),
    ("eps-beside", 1.0, {"eps": 0.1, "eps_in_maximum": False}),
    ("tiny", 1e-7, {"beta2": 0.5}),
    ("tiny-keras", 1e-7, {"eps": 1e-7, "eps_in_maximum": False}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
    ("keras", 1.0, {"eps": 1e-7, "eps_in_maximum": False}),
):
    register(
        OptimizerCase(
            "adamax",
            name,
            {"lr": 0.3, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
# The default eps is 0 in float16.
for name, in_maximum in (("half", True), ("half-beside", False)):
    register(
        OptimizerCase(
            "adamax",
            name,
            {"lr": 0.3, "beta2": 0.8, "eps": 1e-2, "eps_in_maximum": in_maximum},
            SHAPES,
            dtypes=("float16", "bfloat16"),
        )
    )

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("adamax", ("nothing", "zeros"), name, STILL)
    excuse("adamax", "nothing", (f"step of {name}", f"exp_avg of {name}"), STILL)
