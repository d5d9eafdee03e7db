"""Cases of RMSProp's updates."""

from parity.case import OptimizerCase
from parity.registry import excuse, register

SHAPES = {"w": (5, 3), "b": (3,)}
STEPS = "step_decay(lr=0.1, every=2, factor=0.5)"
# The rate changes, so that its place shows.
TENSORFLOW1 = {
    "lr": STEPS,
    "rho": 0.9,
    "eps": 1e-10,
    "eps_inside": True,
    "lr_inside": True,
    "initial_accumulator": 1.0,
}

for name, gradients, options in (
    ("defaults", 1.0, {}),
    ("rho", 1.0, {"rho": 0.6}),
    ("eps", 1.0, {"eps": 0.1}),
    ("eps-inside", 1.0, {"eps": 0.1, "eps_inside": True}),
    ("momentum", 1.0, {"lr": STEPS, "momentum": 0.8}),
    ("lr-inside", 1.0, {"lr": STEPS, "momentum": 0.8, "lr_inside": True}),
    ("centered", 1.0, {"centered": True}),
    ("centered-momentum", 1.0, {"centered": True, "momentum": 0.8}),
    ("centered-inside", 1.0, {"centered": True, "eps_inside": True, "eps": 1e-3, "rho": 0.8}),
    ("accumulator", 1.0, {"initial_accumulator": 1.0}),
    ("tiny", 1e-7, {}),
    ("tiny-inside", 1e-4, {"eps_inside": True}),
    ("zeros", 0.0, {"weight_decay": 0.1}),
    ("nothing", 0.0, {}),
    ("tensorflow1", 1.0, {**TENSORFLOW1, "momentum": 0.5}),
    ("tensorflow1-centered", 1.0, {**TENSORFLOW1, "momentum": 0.5, "centered": True}),
    ("keras", 1.0, {"rho": 0.9, "eps": 1e-7, "eps_inside": True}),
):
    register(
        OptimizerCase(
            "rmsprop",
            name,
            {"lr": 0.1, **options},
            SHAPES,
            gradients=gradients,
            dtypes=("float32", "float64"),
        )
    )
# The default eps is 0 in float16, and a share of 0.01 is few digits of it.
HALF = {"lr": 0.1, "rho": 0.8, "eps": 1e-2, "momentum": 0.5}
register(
    OptimizerCase("rmsprop", "half", HALF, SHAPES, dtypes=("float16", "bfloat16")),
    OptimizerCase(
        "rmsprop",
        "half-inside",
        {**HALF, "eps_inside": True, "lr_inside": True},
        SHAPES,
        dtypes=("float16", "bfloat16"),
    ),
)

STILL = "no gradient but 0: nothing moves but by the decay"
for name in ("w", "b"):
    excuse("rmsprop", ("nothing", "zeros"), name, STILL)
    excuse("rmsprop", "nothing", (f"step of {name}", f"square_avg of {name}"), STILL)
