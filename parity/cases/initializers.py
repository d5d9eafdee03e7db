"""Cases of the initializers: some 100,000 values of weights whose fans differ."""

from parity.case import InitializerCase
from parity.registry import register

SHAPE = (250, 400)
KERNEL = (3, 5, 80, 90)  # a receptive field of 15

register(
    InitializerCase("std_normal", "defaults", SHAPE),
    InitializerCase("std_normal", "gain", SHAPE, {"gain": 0.01}),
    InitializerCase("truncated_normal", "defaults", SHAPE),
    InitializerCase("truncated_normal", "scaled", SHAPE, {"mean": 0.5, "std": 0.1}),
    InitializerCase("truncated_normal", "skewed", SHAPE, {"std": 2.0, "lower": -0.5, "upper": 1.5}),
    InitializerCase("he_uniform", "defaults", SHAPE),
    InitializerCase("he_normal", "defaults", SHAPE),
    InitializerCase("glorot_uniform", "defaults", SHAPE),
    InitializerCase("glorot_normal", "defaults", SHAPE),
    *(
        InitializerCase(op, "kernel", KERNEL)
        for op in ("he_uniform", "he_normal", "glorot_uniform", "glorot_normal")
    ),
    # Fans so small that one more or less shows.
    *(
        InitializerCase(op, "small-fans", (6, 9), draws=2000)
        for op in ("he_uniform", "he_normal", "glorot_uniform", "glorot_normal")
    ),
    InitializerCase("zeros", "defaults", (30, 20)),
    InitializerCase("constant", "value", (30, 20), {"value": 0.1}),
    InitializerCase("constant", "defaults", (30, 20)),
)
