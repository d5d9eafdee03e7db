"""Cases of SGD's updates, and of its presets Momentum and Nesterov."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}
DTYPES = ("float16", "bfloat16", "float32", "float64")
STEPS = "step_decay(lr=0.3, every=2, factor=0.5)"

for name, options in (
    ("plain", {}),
    ("momentum", {"momentum": 0.9}),
    ("dampened", {"momentum": 0.8, "dampening": 0.3}),
    ("nesterov", {"momentum": 0.7, "nesterov": True}),
    ("decay", {"weight_decay": 0.05}),
    ("decay-momentum", {"weight_decay": 0.05, "momentum": 0.9}),
    ("decay-dampened", {"weight_decay": 0.02, "momentum": 0.6, "dampening": 0.5}),
    ("decay-nesterov", {"weight_decay": 0.1, "momentum": 0.9, "nesterov": True}),
    ("lr-inside", {"lr": STEPS, "momentum": 0.8, "lr_inside": True}),
    ("lr-outside", {"lr": STEPS, "momentum": 0.8}),
    ("numpy-dnn", {"momentum": 0.9, "dampening": 0.9, "first_buffer": "zeros"}),
    ("moving-average", {"momentum": 0.8, "dampening": "momentum"}),
    ("lookahead", {"lr": STEPS, "momentum": 0.8, "lookahead": True}),
    (
        "lookahead-inside",
        {"lr": STEPS, "momentum": 0.8, "lookahead": True, "lr_inside": True, "weight_decay": 0.05},
    ),
):
    register(OptimizerCase("sgd", name, {"lr": 0.3, **options}, SHAPES, dtypes=DTYPES))
KERAS = {"lr": STEPS, "momentum": 0.8, "lr_inside": True}
register(
    OptimizerCase("sgd", "lr-0", {"lr": 0.0, "momentum": 0.5}, SHAPES, dtypes=DTYPES),
    OptimizerCase("momentum", "defaults", {"lr": 0.3}, SHAPES, dtypes=DTYPES),
    OptimizerCase(
        "momentum",
        "keras",
        {"lr": STEPS, "momentum": 0.8, "lr_inside": True},
        SHAPES,
        dtypes=DTYPES,
    ),
    OptimizerCase("nesterov", "defaults", {"lr": 0.3}, SHAPES, dtypes=DTYPES),
    OptimizerCase("nesterov", "lookahead", {"lr": 0.3, "lookahead": True}, SHAPES, dtypes=DTYPES),
    OptimizerCase(
        "nesterov",
        "keras",
        {"lr": STEPS, "momentum": 0.8, "lr_inside": True},
        SHAPES,
        dtypes=DTYPES,
    ),
)

excuse("sgd", "lr-0", ("step of w", "step of b"), "a rate of 0 moves nothing")
