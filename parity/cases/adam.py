"""Cases of Adam's updates, and of its preset AdamW."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}
KERAS = {"eps": 1e-7, "eps_before_correction": True}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("beta1", 1.0, {"beta1": 0.4}),
    ("beta2", 1.0, {"beta2": 0.7}),
    ("betas", 1.0, {"beta1": 0.7, "beta2": 0.8}),
    ("eps", 1.0, {"eps": 0.1}),
    ("amsgrad", 1.0, {"amsgrad": True, "beta2": 0.5}),
    ("amsgrad-corrected", 1.0, {"amsgrad": True, "amsgrad_corrected": True, "beta2": 0.5}),
    ("uncorrected", 1.0, {"bias_correction": False}),
    ("eps-root", 1.0, {"eps_root": 1e-3}),
    ("eps-before-correction", 1.0, {"eps_before_correction": True, "eps": 1e-3}),
    ("amsgrad-before", 1.0, {"amsgrad": True, "beta2": 0.5, "eps": 0.1, **KERAS}),
    ("tiny", 1e-7, {}),
    ("tiny-amsgrad", 1e-7, {"amsgrad": True, "beta2": 0.5}),
    ("tiny-root", 1e-7, {"eps_root": 1e-14}),
    ("tiny-keras", 1e-6, KERAS),
    ("tiny-tensorflow1", 1e-7, {"eps_before_correction": True}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
    ("keras", 1.0, KERAS),
):
    register(
        OptimizerCase(
            "adam",
            name,
            {"lr": 0.3, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("decay", 1.0, {"weight_decay": 0.3}),
    ("amsgrad", 1.0, {"amsgrad": True, "beta2": 0.5}),
    ("keras", 1.0, {"weight_decay": 0.004, **KERAS}),
    ("tiny", 1e-7, {}),
    ("zeros", 0.0, {}),
):
    register(
        OptimizerCase(
            "adamw",
            name,
            {"lr": 0.3, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
# The default eps is 0 in float16, and a share of 0.001 is few digits of it.
HALF = {"lr": 0.3, "beta2": 0.8, "eps": 1e-2}
for op, name, options in (
    ("adam", "half", {}),
    ("adam", "half-amsgrad", {"amsgrad": True, "beta2": 0.5}),
    ("adam", "half-before", {"eps_before_correction": True}),
    ("adamw", "half", {}),
):
    register(
        OptimizerCase(op, name, {**HALF, **options}, SHAPES, dtypes=("float16", "bfloat16")),
    )

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("adam", ("nothing", "zeros"), name, STILL)
    excuse(
        "adam", "nothing", (f"step of {name}", f"exp_avg of {name}", f"exp_avg_sq of {name}"), STILL
    )
    excuse("adamw", "zeros", (name, f"exp_avg of {name}", f"exp_avg_sq of {name}"), STILL)
