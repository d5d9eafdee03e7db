"""Cases of SGD's updates."""

from parity.case import OptimizerCase
from parity.registry import register

SHAPES = {"w": (5, 3), "b": (3,)}

for name, options in (
    ("plain", {}),
    ("momentum", {"momentum": 0.9}),
    ("dampened", {"momentum": 0.8, "dampening": 0.3}),
    ("nesterov", {"momentum": 0.7, "nesterov": True}),
    ("decay", {"weight_decay": 0.05}),
    ("decay-momentum", {"weight_decay": 0.05, "momentum": 0.9}),
    ("decay-dampened", {"weight_decay": 0.02, "momentum": 0.6, "dampening": 0.5}),
    ("decay-nesterov", {"weight_decay": 0.1, "momentum": 0.9, "nesterov": True}),
):
    register(OptimizerCase("sgd", name, {"lr": 0.3, **options}, SHAPES))
register(OptimizerCase("sgd", "lr-0", {"lr": 0.0, "momentum": 0.5}, SHAPES))
