"""Cases of Nadam's updates."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("beta1", 1.0, {"beta1": 0.4}),
    ("beta2", 1.0, {"beta2": 0.7}),
    ("eps", 1.0, {"eps": 0.1}),
    ("schedule", 1.0, {"schedule_decay": 0.5}),
    ("keras", 1.0, {"schedule_decay": 1.0, "eps": 1e-7}),
    ("optax", 1.0, {"schedule_decay": None}),
    ("eps-before-correction", 1.0, {"eps_before_correction": True, "eps": 1e-3}),
    ("tiny", 1e-7, {}),
    ("tiny-optax", 1e-7, {"schedule_decay": None}),
    ("tiny-before", 1e-7, {"eps_before_correction": True}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
):
    register(
        OptimizerCase(
            "nadam",
            name,
            {"lr": 0.3, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
# The default eps is 0 in float16, and a share of 0.001 is few digits of it.
for name, options in (("half", {}), ("half-optax", {"schedule_decay": None})):
    register(
        OptimizerCase(
            "nadam",
            name,
            {"lr": 0.3, "beta2": 0.8, "eps": 1e-2, **options},
            SHAPES,
            dtypes=("float16", "bfloat16"),
        )
    )

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("nadam", ("nothing", "zeros"), name, STILL)
    excuse(
        "nadam",
        "nothing",
        (f"step of {name}", f"exp_avg of {name}", f"exp_avg_sq of {name}"),
        STILL,
    )
