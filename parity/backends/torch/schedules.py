"""Learning-rate schedules, each stepped by a scheduler of torch.optim.lr_scheduler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parity.errors import UnsupportedError
from refnet.specs import from_spec

Rate = Callable[[int], float]


class Scheduled:
    """The rates that a scheduler gives to an optimizer of nothing, as many as were asked for."""

    def __init__(self, torch: Any, lr: float, scheduler: Callable[[Any], Any]) -> None:
        self.optimizer = torch.optim.SGD([torch.zeros(())], lr=float(lr))
        self.scheduler = scheduler(self.optimizer)
        self.rates = [float(self.scheduler.get_last_lr()[0])]

    def __call__(self, done: int) -> float:
        """Return the rate of the update that comes after ``done`` others."""
        while len(self.rates) <= done:
            self.optimizer.step()
            self.scheduler.step()
            self.rates.append(float(self.scheduler.get_last_lr()[0]))
        return self.rates[done]


def rate(torch: Any, lr: Any) -> Rate:
    """Return the rate of each update for a number or a spec such as "cosine(lr=0.1, steps=9)"."""
    if isinstance(lr, str):
        return from_spec("schedule", lr, _factories(torch))
    if isinstance(lr, int | float):
        return lambda _: float(lr)
    raise UnsupportedError(f"torch is handed schedules as specs, not as a {type(lr).__name__}")


def _factories(torch: Any) -> Mapping[str, Callable[..., Rate]]:
    schedulers = torch.optim.lr_scheduler

    def constant(lr: float) -> Rate:
        return lambda _: float(lr)

    def step_decay(lr: float, every: int, factor: float = 0.1) -> Rate:
        return Scheduled(torch, lr, lambda opt: schedulers.StepLR(opt, every, gamma=factor))

    def exponential(lr: float, factor: float) -> Rate:
        return Scheduled(torch, lr, lambda opt: schedulers.ExponentialLR(opt, gamma=factor))

    def cosine(lr: float, steps: int, floor: float = 0.0) -> Rate:
        falling = Scheduled(
            torch, lr, lambda opt: schedulers.CosineAnnealingLR(opt, steps, eta_min=floor)
        )
        return lambda done: falling(min(done, steps))  # torch would rise again

    def warm_up(lr: float, steps: int, start: float = 0.0, then: Any = None) -> Rate:
        if 0 < start <= lr:
            rising: Rate = Scheduled(
                torch, lr, lambda opt: schedulers.LinearLR(opt, start / lr, total_iters=steps)
            )
        else:  # LinearLR wants a factor in (0, 1]
            rising = Scheduled(
                torch,
                1.0,
                lambda opt: schedulers.LambdaLR(
                    opt, lambda done: start + (lr - start) * min(done, steps) / steps
                ),
            )
        after = None if then is None else rate(torch, then)
        return lambda done: rising(done) if after is None or done < steps else after(done - steps)

    def time_decay(lr: float, decay: float) -> Rate:
        return Scheduled(
            torch,
            lr,
            lambda opt: schedulers.LambdaLR(opt, lambda done: 1 / (1 + decay * done)),
        )

    return {
        "constant": constant,
        "step_decay": step_decay,
        "exponential": exponential,
        "cosine": cosine,
        "warm_up": warm_up,
        "time_decay": time_decay,
    }
