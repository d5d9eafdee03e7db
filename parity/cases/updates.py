"""Cases of what every optimizer has: weight decay, clipping, schedules."""

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
# Three of these for each optimizer in turn, so that every one comes up, and again.
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
    clips = [CLIPS[(k + j) % len(CLIPS)] for j in range(2)]
    schedules = [SCHEDULES[(3 * k + j) % len(SCHEDULES)] for j in range(3)]
    own = [
        *((f"decay-{kind}", {"weight_decay": 0.1, "decay_kind": kind}) for kind in
          ("l2", "l1", "decoupled")),
        *((name, {"clip": spec}) for name, spec in clips),
        *((name, {"lr": spec}) for name, spec in schedules),
        ("all", {"lr": SCHEDULES[1][1], "clip": CLIPS[1][1], "weight_decay": 0.1}),
    ]
    for name, options in own:
        register(
            OptimizerCase(op, name, {"lr": 0.2, **options}, SHAPES, dtypes=("float32", "float64"))
        )
