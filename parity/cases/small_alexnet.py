"""Training runs of the small convolutional network on digits."""

from typing import Any

from parity.case import TrainingCase
from parity.registry import register

# No two of batch, rows (8), filters, hidden units and classes (10) coincide.
SIZES: dict[str, Any] = {"data": "digits images", "batch_size": 9, "optimizer": "sgd", "gain": 0.25}
UNITS = {"filters": (4, 5), "hidden": 11, "classes": 10}

register(
    TrainingCase(
        "small_alexnet",
        "digits",
        model=UNITS,
        optimizer_options={"lr": 0.05, "momentum": 0.9},
        **SIZES,
    ),
    TrainingCase(
        "small_alexnet",
        "digits-pooling-dropout",
        model={**UNITS, "pooling": True, "dropout": 0.25},
        optimizer_options={"lr": 0.05, "momentum": 0.9},
        free_steps=50,
        **SIZES,
    ),
)
