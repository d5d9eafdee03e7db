"""Training runs of every model under every optimizer.

Learning rates are such that each run goes a good part of its way in a hundred steps. Some of the
runs have a schedule, weight decay or clipping beside.
"""

from typing import Any

from parity.case import TrainingCase
from parity.registry import excuse, register

# The learning rates of plain gradient descent and with momentum, and what those of the adaptive
# optimizers are multiplied by. In no model do two sizes coincide.
MODELS: dict[str, tuple[float, float, float, dict[str, Any]]] = {
    "dfn": (
        1.0,
        0.1,
        1.0,
        {"data": "digits", "model": {"hidden": 30, "classes": 10}, "batch_size": 50, "gain": 0.2},
    ),
    "l_layer": (
        0.3,
        0.03,
        1.0,
        {
            "data": "digits columns",
            "model": {"hidden": (11, 7), "outputs": 2, "l1": 0.1, "l2": 0.3, "keep_prob": 0.8},
            "batch_size": 19,
            "gain": 0.4,
        },
    ),
    "mlp": (
        0.01,
        0.003,
        1.0,
        {"data": "digits", "model": {"hidden": 13, "classes": 10}, "batch_size": 21, "gain": 0.2},
    ),
    "rnn_binary_addition": (
        3.0,
        1.0,
        5.0,
        {"data": "binary_addition", "model": {"hidden": 7}, "batch_size": 12, "gain": 0.4},
    ),
    "sentiment": (
        1.0,
        0.1,
        1.0,
        {"data": "reviews", "model": {"hidden": 9}, "batch_size": 23, "gain": 0.3},
    ),
    "small_alexnet": (
        0.2,
        0.05,
        1.0,
        {
            "data": "digits images",
            "model": {"filters": (3, 5), "hidden": 11, "classes": 10},
            "batch_size": 9,
            "gain": 0.25,
        },
    ),
}

# Optimizer, learning rate (S: plain, M: with momentum, else times the model's factor) and options.
AVERAGE = {"momentum": 0.9, "dampening": 0.9, "first_buffer": "zeros"}
OPTIMIZERS: dict[str, tuple[str, str | float, dict[str, Any]]] = {
    "sgd": ("sgd", "S", {"schedule": "cosine(lr={}, steps=150)"}),
    "momentum": ("momentum", "M", {"weight_decay": 1e-3}),
    "momentum-average": (
        "sgd",
        "S",
        {**AVERAGE, "schedule": "step_decay(lr={}, every=40, factor=0.5)"},
    ),
    "nesterov": ("nesterov", "M", {}),
    "nesterov-lookahead": ("nesterov", "M", {"lookahead": True}),
    "adagrad": ("adagrad", 0.1, {"weight_decay": 1e-3, "decay_kind": "l1"}),
    "adadelta": ("adadelta", 3.0, {}),
    "rmsprop": ("rmsprop", 0.01, {"clip": "by_value(limit=0.02)"}),
    "rmsprop-centered": ("rmsprop", 0.01, {"centered": True, "momentum": 0.5}),
    "adam": ("adam", 0.01, {}),
    "amsgrad": ("adam", 0.01, {"amsgrad": True, "clip": "by_global_norm(limit=0.5)"}),
    "adamw": ("adamw", 0.01, {"weight_decay": 0.1}),
    "adamax": ("adamax", 0.03, {"schedule": "exponential(lr={}, factor=0.99)"}),
    "nadam": ("nadam", 0.01, {"schedule": "warm_up(lr={}, steps=10)"}),
}

for op, (plain, momentum, factor, sizes) in MODELS.items():
    for name, (optimizer, rate, options) in OPTIMIZERS.items():
        lr = {"S": plain, "M": momentum}[rate] if isinstance(rate, str) else rate * factor
        given = dict(options)
        schedule = given.pop("schedule", None)
        register(
            TrainingCase(
                op,
                name,
                optimizer=optimizer,
                optimizer_options={"lr": schedule.format(lr) if schedule else lr, **given},
                free_steps=30,
                **sizes,
            )
        )

excuse("small_alexnet", "*", ("conv1.w", "conv2.w"), "the sources' windows are square")
