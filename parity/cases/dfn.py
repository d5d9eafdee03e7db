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
