"""Training runs of the multilayer perceptron on digits."""

from typing import Any

from parity.case import TrainingCase
from parity.registry import register

# No two of batch, features (64), hidden units and classes (10) coincide.
SIZES: dict[str, Any] = {"data": "digits", "batch_size": 21, "optimizer": "sgd"}
HIDDEN = {"hidden": 13, "classes": 10}

register(
    TrainingCase(
        "mlp",
        "digits",
        model=HIDDEN,
        optimizer_options={"lr": 0.005, "momentum": 0.9},
        gain=0.2,
        **SIZES,
    ),
    TrainingCase(
        "mlp",
        "digits-one-layer",
        model={"hidden": None, "classes": 10},
        optimizer_options={"lr": 0.002},
        gain=0.2,
        **SIZES,
    ),
    TrainingCase(
        "mlp",
        "digits-squared-error",
        model={**HIDDEN, "loss": "mean_squared_error"},
        optimizer_options={"lr": 0.05, "momentum": 0.9},
        gain=0.05,  # a larger one turns the ReLUs of whole classes off for good
        **SIZES,
    ),
)
