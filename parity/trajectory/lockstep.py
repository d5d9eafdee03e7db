"""Lockstep: every step starts both sides from the same state and compares all that it computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from parity.backends.base import Array, Step, Trainer, Values, cast_values
from parity.bounds.base import arithmetic
from parity.trajectory.data import Batches, in_dtype
from parity.trajectory.twins import Mover, twin_step

TWINS = 4
# A side may be this many times as far from the oracle as the farthest of the plain step and the
# twins. With four twins their maximum is a small sample of what rounding does; the factor covers
# the rest. `python -m parity.trajectory.calibrate` measures the largest ratio that correct runs
# show, on PyTorch; reports/calibration.md has its table and says how the factor follows from it.
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
    state = State(params, sides.plain.slots(params), 0)
    yield from _start(sides, state, wide)
    u = arithmetic(dtype).u
    for t in range(steps):
        batch = in_dtype(batches.at(t), dtype)
        oracle = sides.oracle.step(
            cast_values(state.params, wide),
            {k: cast_values(v, wide) for k, v in state.slots.items()},
            state.done,
            *in_dtype(batch, wide),
        )
        plain = sides.plain.step(*state, *batch)
        scale = [plain]
        for j in range(TWINS):
            mover = Mover(f"{key}|twin {j}|step {t}")
            scale.append(twin_step(sides.plain, mover, *state, batch))
        mine = plain if sides.subject is sides.plain else sides.subject.step(*state, *batch)
        both = (mine, sides.backend.step(*state, *batch))
        yield from _compare(t + 1, u, tensors(oracle), [tensors(s) for s in scale], both)
        state = State(plain.params, plain.slots, state.done + 1)


def tensors(step: Step) -> dict[str, Array]:
    """Return everything that a step computed, by name."""
    found = {"loss": np.asarray(step.loss)}
    found |= {f"gradient of {name}": a for name, a in step.grads.items()}
    found |= step.params
    for slot, values in step.slots.items():
        found |= {f"{slot} of {name}": a for name, a in values.items()}
    return found


def _start(sides: Sides, state: State, wide: np.dtype[Any]) -> Iterator[Ratio]:
    """Compare the optimizers' slots before the first step, which hold no rounding."""
    expected = sides.oracle.slots(cast_values(state.params, wide))
    found = [side.slots(state.params) for side in (sides.subject, sides.backend)]
    for slot in sorted(expected.keys() | found[0].keys() | found[1].keys()):
        for name in state.params:
            wanted = expected.get(slot, {}).get(name)
            got = [side.get(slot, {}).get(name) for side in found]
            yield Ratio(f"{slot} of {name}", 0, *(_missed(a, wanted) for a in got))


def _missed(got: Array | None, wanted: Array | None) -> float:
    """Return 0 where both are missing or hold the same values, and infinity elsewhere."""
    if got is None or wanted is None:
        return 0.0 if got is wanted else math.inf
    return 0.0 if np.array_equal(got.astype(wanted.dtype), wanted) else math.inf


def _compare(
    step: int,
    u: float,
    oracle: Mapping[str, Array],
    scale: list[dict[str, Array]],
    both: tuple[Step, Step],
) -> Iterator[Ratio]:
    found = [tensors(side) for side in both]
    for name in sorted(oracle.keys() | found[0].keys() | found[1].keys()):
        wanted = oracle.get(name)
        if wanted is None:
            yield Ratio(name, step, *(math.inf if name in side else 0.0 for side in found))
            continue
        allowed = [u * n for n in _norms(wanted)]
        for twin in scale:
            gaps = _norms(twin[name].astype(wanted.dtype) - wanted)
            allowed = [
                max(a, u * n + g) for a, n, g in zip(allowed, _norms(wanted), gaps, strict=True)
            ]
        yield Ratio(name, step, *(_ratio(side.get(name), wanted, allowed) for side in found))


def _ratio(got: Array | None, wanted: Array, allowed: list[float]) -> float:
    """Return the larger ratio of the root mean square and of the largest element."""
    if got is None or got.shape != wanted.shape or not np.isfinite(got).all():
        return math.inf
    gaps = _norms(got.astype(wanted.dtype) - wanted)
    return max(
        (g / a if a > 0 else math.inf) if g > 0 else 0.0 for g, a in zip(gaps, allowed, strict=True)
    )


def _norms(a: Array) -> tuple[float, float]:
    """Return root mean square and largest absolute value, in float64's range."""
    if not a.size:
        return 0.0, 0.0
    size = np.abs(a)
    high = size.max()
    if high == 0 or not np.isfinite(high):
        return float(high), float(high)
    return float(high * np.sqrt(np.mean((size / high) ** 2))), float(high)
