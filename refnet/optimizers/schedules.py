"""Learning rates that change with the number of updates done, as values.

A schedule is called with the number of updates done before (0 at the first) and returns the
learning rate in float64. Each is the ``lr`` of any optimizer, itself or as a spec::

    SGD(lr=Cosine(0.1, steps=1000))             SGD(lr="cosine(lr=0.1, steps=1000)")
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

from refnet import checks, specs
from refnet.errors import OptionError

C = TypeVar("C", bound="type[Schedule]")

_FACTORIES: dict[str, Callable[..., Schedule]] = {}


class Schedule:
    """A learning rate as a function of the updates done.

    Those here are frozen dataclasses; a schedule of your own is a subclass with ``__call__``.
    """

    _name: str

    def __call__(self, step: int) -> float:
        """Return the learning rate after ``step`` updates: finite, at least 0."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the spec that describes the schedule; one's own has none."""
        if not hasattr(self, "_name"):
            return object.__repr__(self)
        shown = [(f.name, getattr(self, f.name)) for f in fields(cast(Any, self))]
        values = [f"{k}={(str(v) if isinstance(v, Schedule) else v)!r}" for k, v in shown]
        return f"{self._name}({', '.join(values)})"

    def _take(self, **checked: Any) -> None:
        for name, value in checked.items():
            object.__setattr__(self, name, value)


def _named(name: str) -> Callable[[C], C]:
    def register(cls: C) -> C:
        cls._name = name
        _FACTORIES[name] = cls
        return cls

    return register


def schedule_from_spec(spec: str | Schedule, kind: str = "schedule") -> Schedule:
    """Return the schedule that a spec such as ``"cosine(lr=0.1, steps=100)"`` describes.

    Raises
    ------
    OptionError
        If the spec names no schedule, or an option that it does not have or that is out of range.

    Examples
    --------
    >>> schedule_from_spec("time_decay(lr=0.1, decay=0.5)")(2)
    0.05
    """
    return spec if isinstance(spec, Schedule) else specs.from_spec(kind, spec, _FACTORIES)


@_named("constant")
@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """Return lr at every step.

    Raises
    ------
    OptionError
        If lr is negative or no finite number.

    Examples
    --------
    >>> Constant(0.1)(1000)
    0.1
    """

    lr: float

    def __post_init__(self) -> None:
        self._take(lr=_rate("constant", "lr", self.lr))

    def __call__(self, step: int) -> float:
        """Return lr."""
        _done("constant", step)
        return self.lr


@_named("step_decay")
@dataclass(frozen=True, repr=False)
class StepDecay(Schedule):
    """Return lr factor^(step // every): PyTorch's StepLR(step_size=every, gamma=factor).

    Raises
    ------
    OptionError
        If lr is negative, every no integer of at least 1, or factor outside [0, 1].

    Examples
    --------
    >>> schedule = StepDecay(1.0, every=10, factor=0.5)
    >>> schedule(9), schedule(10), schedule(25)
    (1.0, 0.5, 0.25)
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        self._take(
            lr=_rate("step_decay", "lr", self.lr),
            every=checks.count("step_decay", "every", self.every, low=1),
            factor=checks.number("step_decay", "factor", self.factor, low=0, high=1),
        )

    def __call__(self, step: int) -> float:
        """Return lr factor^(step // every)."""
        return self.lr * self.factor ** (_done("step_decay", step) // self.every)


@_named("exponential")
@dataclass(frozen=True, repr=False)
class Exponential(Schedule):
    """Return lr factor^step: PyTorch's ExponentialLR(gamma=factor).

    Keras's ExponentialDecay(lr, decay_steps, decay_rate) is that of factor =
    decay_rate^(1 / decay_steps), and with staircase=True it is :class:`StepDecay`.

    Raises
    ------
    OptionError
        If lr is negative or factor outside [0, 1].

    Examples
    --------
    >>> Exponential(1.0, factor=0.5)(3)
    0.125
    """

    lr: float
    factor: float

    def __post_init__(self) -> None:
        self._take(
            lr=_rate("exponential", "lr", self.lr),
            factor=checks.number("exponential", "factor", self.factor, low=0, high=1),
        )

    def __call__(self, step: int) -> float:
        """Return lr factor^step."""
        return self.lr * self.factor ** _done("exponential", step)


@_named("cosine")
@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """Return floor + (lr - floor) (1 + cos(pi step / steps)) / 2, and floor from ``steps`` on.

    Loshchilov & Hutter 2017 (SGDR), eq. 5, without restarts: PyTorch's CosineAnnealingLR(T_max=
    steps, eta_min=floor) up to T_max, Keras's CosineDecay and optax's cosine_decay_schedule with
    alpha = floor / lr.

    Raises
    ------
    OptionError
        If lr or floor is negative, floor above lr, or steps no integer of at least 1.

    Examples
    --------
    >>> schedule = Cosine(0.1, steps=100, floor=0.02)
    >>> [round(schedule(t), 9) for t in (0, 50, 100, 200)]
    [0.1, 0.06, 0.02, 0.02]
    """

    lr: float
    steps: int
    floor: float = 0.0

    def __post_init__(self) -> None:
        self._take(
            lr=_rate("cosine", "lr", self.lr),
            steps=checks.count("cosine", "steps", self.steps, low=1),
            floor=_rate("cosine", "floor", self.floor),
        )
        if self.floor > self.lr:
            raise OptionError(
                "cosine",
                got=f"lr={self.lr!r}, floor={self.floor!r}",
                needs="a floor of at most lr",
                cause="Is the floor given as a fraction of lr? It is a learning rate here.",
            )

    def __call__(self, step: int) -> float:
        """Return the learning rate after ``step`` updates."""
        done = min(_done("cosine", step), self.steps)
        return self.floor + (self.lr - self.floor) * (1 + math.cos(math.pi * done / self.steps)) / 2


@_named("warm_up")
@dataclass(frozen=True, repr=False)
class WarmUp(Schedule):
    """Return start + (lr - start) step / steps, then lr, or what ``then`` says.

    Goyal et al. 2017, sec. 2.2. ``then`` is a schedule, itself or as a spec, that counts its steps
    from the end of the warm-up. PyTorch's LinearLR(start_factor=start / lr, total_iters=steps);
    optax's linear_schedule, and its warmup_cosine_decay_schedule with ``then="cosine(...)"``.

    Raises
    ------
    OptionError
        If lr or start is negative, steps no integer of at least 1, or then describes no schedule.

    Examples
    --------
    >>> schedule = WarmUp(0.1, steps=4, then="step_decay(lr=0.1, every=2)")
    >>> [round(schedule(t), 9) for t in range(8)]
    [0.0, 0.025, 0.05, 0.075, 0.1, 0.1, 0.01, 0.01]
    """

    lr: float
    steps: int
    start: float = 0.0
    then: str | Schedule | None = None

    def __post_init__(self) -> None:
        self._take(
            lr=_rate("warm_up", "lr", self.lr),
            steps=checks.count("warm_up", "steps", self.steps, low=1),
            start=_rate("warm_up", "start", self.start),
        )
        if self.then is not None:
            self._take(then=schedule_from_spec(self.then, "warm_up, then"))

    def __call__(self, step: int) -> float:
        """Return the learning rate after ``step`` updates."""
        done = _done("warm_up", step)
        if done < self.steps:
            return self.start + (self.lr - self.start) * done / self.steps
        return self.lr if self.then is None else cast(Schedule, self.then)(done - self.steps)


@_named("time_decay")
@dataclass(frozen=True, repr=False)
class TimeDecay(Schedule):
    """Return lr / (1 + decay step): Keras's time-based decay.

    The ``decay`` of Keras's optimizers up to version 2.10, and InverseTimeDecay(lr, decay_steps=1,
    decay_rate=decay) since.

    Raises
    ------
    OptionError
        If lr or decay is negative or no finite number.

    Examples
    --------
    >>> TimeDecay(0.3, decay=0.5)(4)
    0.1
    """

    lr: float
    decay: float

    def __post_init__(self) -> None:
        self._take(
            lr=_rate("time_decay", "lr", self.lr),
            decay=_rate("time_decay", "decay", self.decay),
        )

    def __call__(self, step: int) -> float:
        """Return lr / (1 + decay step)."""
        return self.lr / (1 + self.decay * _done("time_decay", step))


def _rate(op: str, name: str, value: Any) -> float:
    return checks.number(op, name, value, low=0)


def _done(op: str, step: Any) -> int:
    return step if type(step) is int and step >= 0 else checks.count(op, "step", step)
