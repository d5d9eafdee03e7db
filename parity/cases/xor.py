"""Training runs of the network that learns exclusive or."""

from parity.case import TrainingCase
from parity.registry import excuse, register

register(
    # The sources' own network and hyperparameters.
    TrainingCase(
        "xor",
        "sources",
        model={"hidden": 2},
        optimizer="sgd",
        optimizer_options={"lr": 1.0},
        data="xor",
        gain=1.0,
    ),
    TrainingCase(
        "xor",
        "momentum",
        model={"hidden": 7},
        optimizer="sgd",
        optimizer_options={"lr": 0.2, "momentum": 0.8},
        data="xor",
        gain=1.0,
    ),
)

excuse("xor", "sources", "fc1.w", "two inputs and two hidden units, as the sources have them")
