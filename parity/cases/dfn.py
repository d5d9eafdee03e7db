"""Training runs of the deep feedforward network on scikit-learn's digits."""

from typing import Any

from parity.case import TrainingCase
from parity.registry import register

# No two of batch, features (64), hidden units and classes (10) coincide.
SIZES: dict[str, Any] = {
    "model": {"hidden": 30, "classes": 10},
    "data": "digits",
    "batch_size": 50,
    "optimizer": "sgd",
}

for name, gain, options in (
    ("digits", 0.01, {"lr": 0.01}),  # the sources' own, which learn slowly
    ("digits-fast", 0.2, {"lr": 0.5}),
    ("digits-momentum", 0.2, {"lr": 0.1, "momentum": 0.9, "dampening": 0.1}),
    ("digits-nesterov", 0.2, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
):
    register(TrainingCase("dfn", name, gain=gain, optimizer_options=options, **SIZES))

# The optimizers of TensorFlow 1: its formulas, with numbers that float32 has exactly where it has
# them otherwise (an accumulator of 0.1, and 1 - 0.999, which TensorFlow subtracts in float32).
ROOT = {"eps_inside": True, "lr_inside": True, "initial_accumulator": 1.0}
for optimizer, options in (
    ("adagrad", {"lr": 0.1, "initial_accumulator": 0.125, "eps": 0.0}),
    ("rmsprop", {"lr": 0.01, "rho": 0.9, "eps": 1e-10, "momentum": 0.5, **ROOT}),
    ("adam", {"lr": 0.01, "beta2": 1 - 2**-10, "eps_before_correction": True}),
):
    register(
        TrainingCase(
            "dfn",
            f"{optimizer}-tensorflow1",
            gain=0.2,
            free_steps=30,
            **{**SIZES, "optimizer": optimizer, "optimizer_options": options},
        )
    )
