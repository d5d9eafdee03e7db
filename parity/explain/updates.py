"""Whether an optimizer turns a run's own gradients into the run's own parameters and slots.

The optimizer is fed with the parameters and gradients that were recorded, step by step, and keeps
its own slots. A step never inherits the error of the one before, so nothing grows, and what an
update rule does shows at the first step that it acts in, however chaotic the run is. A recording
that begins amid a training hands its first slots over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from parity.backends.base import Array, Values, cast_values
from parity.bounds.base import arithmetic, oracle_dtype
from parity.explain.changes import Change, changes
from parity.explain.distance import beyond_rounding
from parity.explain.reading import read
from parity.trace import RecordedStep
from parity.trajectory.twins import Mover, TwinError
from refnet.optimizers import Optimizer

TWINS = 2


class Replay:
    """One optimizer on a recorded run's parameters and gradients.

    ``worst`` is the largest distance from the recorded values, on the scale of rounding (that of
    the plain update and two twins, as in lockstep); ``first`` and ``tensor`` are the first step
    and tensor beyond the limit, where it ends. It also ends, ``ended`` says why, where a
    gradient or the update itself is not finite, or parameters begin or cease to have gradients.
    """

    def __init__(self, optimizer: Optimizer, dtype: str, limit: float) -> None:
        self.optimizer, self.limit = optimizer, limit
        self.u = arithmetic(dtype).u
        self.wide: Any = oracle_dtype(dtype) or np.longdouble
        self._movers = [Mover(f"replay twin {j}") for j in range(TWINS)]
        self._states: list[Any] = []
        self.steps = 0
        self.worst, self.tensor = 0.0, ""
        self.first: int | None = None
        self.ended = ""
        self._names: list[str] = []

    def __call__(self, before: RecordedStep, step: RecordedStep) -> None:
        """Compare one update: from the parameters before it by its gradients."""
        grads = step.gradients
        # A parameter without a gradient is not updated.
        params = {name: p for name, p in before.parameters.items() if name in grads}
        if not params or self.first is not None or self.ended:
            return
        if self._names and self._names != list(params):
            self.ended = f"at step {step.step} other parameters have gradients"
            return
        self._names = list(params)
        try:
            if not self._states:
                self._states = self._begun(params, before.slots)
            ratio, tensor = self._ratio(params, {name: grads[name] for name in params}, step)
        except TwinError:
            self.ended = f"step {step.step} is not finite"
            return
        self.steps += 1
        self.worst = max(self.worst, ratio)
        if ratio > self.limit:
            self.first, self.tensor = step.step, tensor

    def _ratio(self, params: Values, grads: Values, step: RecordedStep) -> tuple[float, str]:
        """Return how far the update's results are off, beyond rounding, and in which tensor.

        Those are the parameters, and of the slots those that were recorded under their names.
        """
        sides = [(cast_values(params, self.wide), cast_values(grads, self.wide)), (params, grads)]
        sides += [(m.values(params), m.values(grads)) for m in self._movers]
        moved = []
        for i, (p, g) in enumerate(sides):
            found, self._states[i] = self.optimizer.update(p, g, self._states[i])
            moved.append(found | _slots(self._states[i]))
        recorded = _named(step.slots)
        kept = {k for k, a in moved[0].items() if k in params or _fits(recorded.get(k), a)}
        results = [{k: a for k, a in values.items() if k in kept} for values in moved]
        return beyond_rounding(step.parameters | recorded, results[0], results[1:], self.u)

    def _begun(self, params: Values, recorded: Mapping[str, Values]) -> list[Any]:
        """Return the states of the plain update in wider precision, of itself and of the twins."""
        state: Any = self.optimizer.init(params)
        own = {k: v for k, v in state._asdict().items() if k != "step" and v}
        kept = {k: {n: recorded[k][n] for n in v} for k, v in own.items() if _has(recorded, k, v)}
        # Slots that vary from number to number are those of earlier updates, not initial ones.
        if any((a != a.flat[0]).any() for v in kept.values() for a in v.values() if a.size):
            own |= kept
            state = state._replace(step=_updates_done(recorded, params), **kept)

        def with_slots(change: Callable[[Values], Values]) -> Any:
            return state._replace(**{k: change(v) for k, v in own.items()})

        return [
            with_slots(lambda v: cast_values(v, self.wide)),
            state,
            *(with_slots(mover.values) for mover in self._movers),
        ]

    @property
    def agrees(self) -> bool:
        """Whether every update so far was the optimizer's, up to rounding."""
        return self.worst <= self.limit


def _slots(state: Any) -> Values:
    """Return the slots of a state, each under its own and the parameter's name."""
    return _named({k: v for k, v in state._asdict().items() if k != "step"})


def _named(slots: Mapping[str, Values]) -> Values:
    return {f"{slot} of {name}": a for slot, v in slots.items() for name, a in v.items()}


def _fits(recorded: Array | None, own: Array) -> bool:
    return recorded is not None and recorded.shape == own.shape


def _has(recorded: Mapping[str, Values], slot: str, own: Values) -> bool:
    return all(_fits(recorded.get(slot, {}).get(name), a) for name, a in own.items())


def _updates_done(recorded: Mapping[str, Values], params: Values) -> int:
    """Return how many updates the recorded slots are of: PyTorch's ``step``, or one for want of it.

    What depends on the number then differs, and says so.
    """
    counts = recorded.get("step", {})
    return max((int(counts[name].max()) for name in params if name in counts), default=1)


def rules_tried(
    own: Replay, recording: Iterable[RecordedStep], dtype: str, first: Sequence[Change] = ()
) -> list[tuple[Change, Replay]]:
    """Return the conventions' changes of an update rule, each replayed, if the rule is another.

    Those that explain the updates come first: of those that fit about as well, within a factor of
    4, the smallest, and among these the changes given as ``first``.
    """
    if own.agrees:
        return []
    tried = [
        (change, Replay(change.optimizer, dtype, own.limit))
        for change in (*first, *changes(own.optimizer))
    ]
    read(recording, *(replay for _, replay in tried))
    for _, replay in tried:
        if replay.steps < own.steps:  # it ended before anything could be told
            replay.worst = math.inf
    return sorted(tried, key=lambda pair: (not pair[1].agrees, _fit(pair[1]), len(pair[0].fields)))


def _fit(replay: Replay) -> float:
    """Return how far off a replay is, in steps of a factor of 4; 0 for anything near rounding."""
    return math.floor(math.log(max(replay.worst, 1.0), 4)) if replay.agrees else replay.worst
