"""Cases of what every optimizer has: weight decay, clipping, schedules."""

from typing import Any

from parity.case import OptimizerCase
from parity.registry import register

SHAPES = {"w": (5, 3), "b": (3,)}
OPTIMIZERS = (
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "adadelta",
    "rmsprop",
    "adam",
    "adamw",
    "adamax",
    "nadam",
)
# Some of each for every optimizer in turn, so that each comes up more than once.
CLIPS = (
    ("clip-value", "by_value(limit=0.6)"),
    ("clip-norm", "by_global_norm(limit=1.5)"),
    ("clip-norm-torch", "by_global_norm(limit=1.5, eps=1e-6)"),
    ("clip-nothing", "by_global_norm(limit=100.0)"),
)
SCHEDULES = (
    ("constant", "constant(lr=0.2)"),
    ("step-decay", "step_decay(lr=0.2, every=3)"),
    ("exponential", "exponential(lr=0.2, factor=0.8)"),
    ("cosine", "cosine(lr=0.2, steps=5, floor=0.01)"),
    ("warm-up", "warm_up(lr=0.2, steps=4)"),
    ("warm-up-cosine", "warm_up(lr=0.2, steps=3, start=0.05, then='cosine(lr=0.3, steps=6)')"),
    ("time-decay", "time_decay(lr=0.2, decay=0.4)"),
)

for k, op in enumerate(OPTIMIZERS):
    own: list[tuple[str, dict[str, Any]]] = [
        ("decay-l2", {"weight_decay": 0.1}),
        ("decay-l1", {"weight_decay": 0.1, "decay_kind": "l1"}),
        ("decay-decoupled", {"weight_decay": 0.1, "decay_kind": "decoupled"}),
        ("all", {"lr": SCHEDULES[1][1], "clip": CLIPS[1][1], "weight_decay": 0.1}),
    ]
    for j in range(2):
        name, spec = CLIPS[(k + j) % len(CLIPS)]
        own.append((name, {"clip": spec}))
    for j in range(3):
        name, spec = SCHEDULES[(3 * k + j) % len(SCHEDULES)]
        own.append((name, {"lr": spec}))
    for name, options in own:
        register(
            OptimizerCase(op, name, {"lr": 0.2, **options}, SHAPES, dtypes=("float32", "float64"))
        )
