"""Lockstep: every step starts both sides from the same state and compares all that it computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from parity.backends.base import Array, Step, Trainer, Values, cast_values
from parity.bounds.base import arithmetic
from parity.trajectory.data import Batch, Batches, in_dtype
from parity.trajectory.twins import Mover, TwinError, twin_step

# The plain step and its twins are a sample of what rounding does. A gap that all nine of them miss
# by a factor r or more has a chance that falls as r^-9, where a tensor is a single number.
TWINS = 8
# A side may be this many times as far from the oracle as the farthest of them: the factor covers
# what the sample misses. `python -m parity.trajectory.calibrate` measures the largest ratio that
# correct runs show, on PyTorch; reports/calibration.md has its table and says how the factor
# follows from it.
LIMIT = 16.0


class Ratio(NamedTuple):
    """How far both sides are from the oracle in one tensor at one step, on the twins' scale."""

    tensor: str
    step: int
    subject: float
    backend: float


class Sides(NamedTuple):
    """The four parties of a lockstep run.

    ``plain`` is refnet in the dtype in question; as ``subject`` it is the same object.
    """

    plain: Trainer
    oracle: Trainer
    subject: Trainer
    backend: Trainer


class State(NamedTuple):
    """Parameters, optimizer slots and the number of updates done."""

    params: Values
    slots: dict[str, Values]
    done: int


def lockstep(
    sides: Sides,
    params: Values,
    batches: Batches,
    dtype: str,
    wide: np.dtype[Any],
    key: str,
    steps: int,
) -> Iterator[Ratio]:
    """Yield the ratio of every tensor at every step; step 0 is the state before the first.

    The run follows refnet's own plain steps.
    """
    state, found = start(sides, params, wide)
    yield from found
    while state.done < steps:
        state, found = advance(sides, state, batches.at(state.done), dtype, wide, key)
        yield from found


def start(sides: Sides, params: Values, wide: np.dtype[Any]) -> tuple[State, list[Ratio]]:
    """Return the state before the first step, and the ratios of the optimizers' slots in it.

    They hold no rounding: a ratio is 0 where a side has what the oracle has, and else infinite.
    """
    state = State(params, sides.plain.slots(params), 0)
    expected = sides.oracle.slots(cast_values(params, wide))
    found = [side.slots(params) for side in (sides.subject, sides.backend)]
    names = {*expected, *found[0], *found[1]}
    ratios = []
    for slot in [*expected, *sorted(names - expected.keys())]:
        for name in params:
            wanted = expected.get(slot, {}).get(name)
            got = [side.get(slot, {}).get(name) for side in found]
            ratios.append(Ratio(f"{slot} of {name}", 0, *(missed(a, wanted) for a in got)))
    return state, ratios


def advance(
    sides: Sides, state: State, batch: Batch, dtype: str, wide: np.dtype[Any], key: str
) -> tuple[State, list[Ratio]]:
    """Return the state after one step of refnet's own, and the ratio of every tensor in it.

    Tensors come in the order in which a step computes them. The twins' bits belong to ``key`` and
    the step, so that nothing else than the state is needed to go on.
    """
    batch = in_dtype(batch, dtype)
    oracle = sides.oracle.step(
        cast_values(state.params, wide),
        {k: cast_values(v, wide) for k, v in state.slots.items()},
        state.done,
        *in_dtype(batch, wide),
    )
    plain = sides.plain.step(*state, *batch)
    scale = [tensors(s) for s in (plain, *_twins(sides.plain, state, batch, key))]
    mine = plain if sides.subject is sides.plain else sides.subject.step(*state, *batch)
    both = (mine, sides.backend.step(*state, *batch))
    found = (tensors(both[0]), tensors(both[1]))
    ratios = compare(state.done + 1, arithmetic(dtype).u, tensors(oracle), scale, found)
    return State(plain.params, plain.slots, state.done + 1), ratios


def limits(
    sides: Sides, state: State, batch: Batch, dtype: str, wide: np.dtype[Any], key: str
) -> dict[str, float]:
    """Return by tensor how far an element may be from the oracle in the step from a state."""
    batch = in_dtype(batch, dtype)
    oracle = sides.oracle.step(
        cast_values(state.params, wide),
        {k: cast_values(v, wide) for k, v in state.slots.items()},
        state.done,
        *in_dtype(batch, wide),
    )
    wanted = {name: a for name, a in tensors(oracle).items() if a.size}
    plain = sides.plain.step(*state, *batch)
    scale = [tensors(s) for s in (plain, *_twins(sides.plain, state, batch, key))]
    allowed = _allowed(_Joined(wanted), arithmetic(dtype).u, scale)[1]
    return {name: LIMIT * float(a) for name, a in zip(wanted, allowed, strict=True)}


@np.errstate(all="ignore")
def between(
    sides: Sides,
    params: Values,
    batches: Batches,
    dtype: str,
    wide: np.dtype[Any],
    key: str,
    steps: int,
) -> dict[str, float]:
    """Return how far subject and backend are from one another, by tensor, in the last of ``steps``.

    On the scale of the twins about refnet's plain step, without an oracle. With no steps, how far
    the optimizers' slots are in the state before the first: 0 or infinity.
    """
    state = State(params, sides.plain.slots(params), 0)
    if not steps:
        one, other = (_tables(side.slots(params)) for side in (sides.subject, sides.backend))
        return {name: missed(other.get(name), one.get(name)) for name in {**one, **other}}
    while True:
        batch = in_dtype(batches.at(state.done), dtype)
        plain = sides.plain.step(*state, *batch)
        if state.done == steps - 1:
            break
        state = State(plain.params, plain.slots, state.done + 1)
    one, other = (tensors(side.step(*state, *batch)) for side in (sides.subject, sides.backend))
    scale = [tensors(s) for s in (plain, *_twins(sides.plain, state, batch, key))]
    wanted = {name: a.astype(wide) for name, a in scale[0].items() if a.size}
    joined = _Joined(wanted)
    gaps = joined.gaps(other) - joined.gaps(one)
    ratios = _ratios(joined.norms(gaps), _allowed(joined, arithmetic(dtype).u, scale))
    found = dict(zip(wanted, ratios, strict=True))
    # What refnet has not, or what has no elements.
    others = sorted({*one, *other} - wanted.keys())
    return found | {name: missed(other.get(name), one.get(name)) for name in others}


def _twins(plain: Trainer, state: State, batch: Batch, key: str) -> list[Step]:
    mover = Mover(f"{key}|twins|step {state.done}")
    return [twin_step(plain, mover, *state, batch) for _ in range(TWINS)]


def tensors(step: Step) -> dict[str, Array]:
    """Return everything that a step computed, by name, in the order in which it is computed.

    That is the loss, the gradients from the last parameter to the first, slots and parameters.
    """
    found = {"loss": np.asarray(step.loss)}
    found |= {f"gradient of {name}": step.grads[name] for name in reversed(step.grads)}
    return found | _tables(step.slots) | step.params


def _tables(slots: Mapping[str, Values]) -> Values:
    return {f"{slot} of {name}": a for slot, values in slots.items() for name, a in values.items()}


def missed(got: Array | None, wanted: Array | None) -> float:
    """Return 0 where both are missing or hold the same values, and infinity elsewhere."""
    if got is None or wanted is None:
        return 0.0 if got is wanted else math.inf
    return 0.0 if np.array_equal(got.astype(wanted.dtype), wanted) else math.inf


@np.errstate(all="ignore")
def compare(
    step: int, u: float, expected: Values, scale: Sequence[Values], found: tuple[Values, Values]
) -> list[Ratio]:
    """Return the ratio of every tensor that the oracle expects, and of those that it has not.

    ``scale`` has the tensors of the plain step, then those of the twins; ``found`` the sides'.

    Raises
    ------
    TwinError
        If a twin has a value that is not finite, and the plain step has none there.
    """
    wanted = {name: a for name, a in expected.items() if a.size}
    joined = _Joined(wanted)
    allowed = _allowed(joined, u, scale)
    columns = [_ratios(joined.norms(joined.gaps(side)), allowed) for side in found]
    ratios = [Ratio(name, step, *pair) for name, *pair in zip(wanted, *columns, strict=True)]
    # What the oracle has not, or what has no elements.
    for name in sorted({*expected, *found[0], *found[1]} - wanted.keys()):
        empty = expected.get(name)
        ratios.append(Ratio(name, step, *(missed(side.get(name), empty) for side in found)))
    return ratios


def _allowed(joined: _Joined, u: float, scale: Sequence[Values]) -> Array:
    """Return how far rounding carries each array from the wanted: a plain step's and its twins'."""
    rounding = u * joined.norms(joined.wanted)
    allowed = rounding
    plain, *twins = (joined.norms(joined.gaps(side)) for side in scale)
    for gaps in (plain, *twins):
        lost = ~np.isfinite(gaps)
        if (lost & np.isfinite(plain)).any():
            raise TwinError("a twin's step left the finite numbers")
        # A plain step that is not finite itself is infinitely far, and no scale for the others.
        allowed = np.maximum(allowed, np.where(lost, 0, rounding + gaps))
    return allowed


class _Joined:
    """Arrays by name in one long array, for one pass over all of them."""

    def __init__(self, wanted: Mapping[str, Array]) -> None:
        self.names = wanted
        self.wanted = np.concatenate([a.ravel() for a in wanted.values()])
        self.sizes = np.array([a.size for a in wanted.values()])
        self.starts = np.cumsum(self.sizes) - self.sizes

    def gaps(self, side: Mapping[str, Array]) -> Array:
        """Return how far a side's values are from the wanted; NaN where an array does not fit."""
        parts = []
        for name, wanted in self.names.items():
            got = side.get(name)
            if got is None or got.shape != wanted.shape:
                got = np.full(wanted.shape, np.nan)
            parts.append(got.ravel())
        return np.asarray(np.concatenate(parts, dtype=self.wanted.dtype) - self.wanted)

    def norms(self, values: Array) -> Array:
        """Return each array's root mean square and largest absolute value, as two rows.

        Squares are in range: those of float32 in float64, and those of float64 in longdouble.
        """
        squares = np.add.reduceat(values * values, self.starts)
        highs = np.maximum.reduceat(np.abs(values), self.starts)
        return np.stack([np.sqrt(squares / self.sizes), highs])


def _ratios(gaps: Array, allowed: Array) -> list[float]:
    """Return for each array the larger ratio of root mean square and of the largest element."""
    ratios = np.where(gaps > 0, gaps / allowed, 0)
    ratios[~np.isfinite(gaps) | ~np.isfinite(allowed)] = np.inf
    return [float(r) for r in ratios.max(axis=0)]
