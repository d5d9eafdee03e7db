"""Training runs of the network that tells positive reviews from negative ones."""

from parity.case import TrainingCase
from parity.registry import register

register(
    # No two of batch, words (41) and hidden units coincide.
    TrainingCase(
        "sentiment",
        "reviews",
        model={"hidden": 9},
        optimizer="sgd",
        optimizer_options={"lr": 0.05, "momentum": 0.95},
        data="reviews",
        gain=0.3,
        batch_size=23,
    ),
)
