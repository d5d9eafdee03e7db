"""Training runs of the L-layer network, samples in columns."""

from typing import Any

from parity.case import TrainingCase
from parity.registry import register

# No two of batch, features (16), hidden and output units coincide.
SIZES: dict[str, Any] = {
    "data": "digits columns",
    "batch_size": 19,
    "optimizer": "sgd",
    "optimizer_options": {"lr": 0.1, "momentum": 0.9},
    "gain": 0.4,
}
UNITS = {"hidden": (11, 7), "outputs": 2}

for name, options in (
    ("digits-penalties", {"l1": 0.1, "l2": 0.3}),
    ("digits-dropout", {"l2": 0.1, "keep_prob": 0.8}),
):
    register(TrainingCase("l_layer", name, model={**UNITS, **options}, **SIZES))
