"""Learning-rate schedules of ``optax.schedules``.

A rate is what the schedule returns for a Python number. For the int32 that optax itself counts
with, all but the cosine compute in float32, also where the parameters are float64: a rate is then
off by up to 6e-8 of it. Counted in Python, they compute in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parity.errors import UnsupportedError
from refnet.specs import from_spec

Rate = Callable[[int], float]


def rate(optax: Any, lr: Any) -> Rate:
    """Return the rate of each update for a number or a spec such as "cosine(lr=0.1, steps=9)"."""
    schedule = _schedule(optax, lr)
    return lambda done: float(schedule(done))


def _schedule(optax: Any, lr: Any) -> Callable[[int], Any]:
    if isinstance(lr, str):
        found: Callable[[int], Any] = from_spec("schedule", lr, _factories(optax))
        return found
    if isinstance(lr, int | float):
        return lambda _: lr
    raise UnsupportedError(f"optax is handed schedules as specs, not as a {type(lr).__name__}")


def _factories(optax: Any) -> Mapping[str, Callable[..., Callable[[int], Any]]]:
    own = optax.schedules

    def step_decay(lr: float, every: int, factor: float = 0.1) -> Any:
        return own.exponential_decay(lr, every, factor, staircase=True)

    def cosine(lr: float, steps: int, floor: float = 0.0) -> Any:
        if not lr:
            raise UnsupportedError("optax's cosine schedule has its floor as a share of the rate")
        return own.cosine_decay_schedule(lr, steps, alpha=floor / lr)

    def warm_up(lr: float, steps: int, start: float = 0.0, then: Any = None) -> Any:
        rising = own.linear_schedule(start, lr, steps)
        return (
            rising
            if then is None
            else own.join_schedules([rising, _schedule(optax, then)], [steps])
        )

    return {
        "constant": lambda lr: own.constant_schedule(lr),
        "step_decay": step_decay,
        "exponential": lambda lr, factor: own.exponential_decay(lr, 1, factor),
        "cosine": cosine,
        "warm_up": warm_up,
        # optax has none of this form; a schedule of its users' is a function of the count.
        "time_decay": lambda lr, decay: lambda done: lr / (1 + decay * done),
    }
