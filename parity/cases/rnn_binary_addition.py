"""Training runs of the recurrent network that adds binary numbers."""

from parity.case import TrainingCase
from parity.registry import register

register(
    # No two of batch, bits (5), addends (2) and hidden units coincide.
    TrainingCase(
        "rnn_binary_addition",
        "sums",
        model={"hidden": 7},
        optimizer="sgd",
        optimizer_options={"lr": 1.0, "momentum": 0.95},
        data="binary_addition",
        gain=0.4,
        batch_size=12,
    ),
    # The sources' own run, which starts from their values and reads their sums in order.
    TrainingCase(
        "rnn_binary_addition",
        "sources",
        model={"hidden": 8},
        optimizer="sgd",
        optimizer_options={"lr": 1.0, "momentum": 0.95},
        data="binary_addition of the sources",
        gain=0.1,
        batch_size=100,
        steps=150,  # past the horizon in float32
        free_steps=160,
    ),
)
