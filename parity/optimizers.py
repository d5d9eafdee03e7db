"""Cells of optimizers: updates from given gradients, every parameter and slot compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from parity.backends.base import Adapter, Array, Update, Values, cast_values
from parity.backends.refnet import RefnetAdapter
from parity.bounds import adadelta, adagrad, adam, adamax, nadam, rmsprop, sgd
from parity.bounds.base import oracle_dtype, widened
from parity.bounds.updates import Limits
from parity.case import OptimizerCase
from parity.cells import Measured, blamed, both
from parity.compare import Deviation, measure, smallest_rtol, worst_of
from parity.inputs import normal

# By the class of the optimizer, which presets share.
LIMITS: Mapping[str, Callable[..., list[Limits]]] = {
    "AdaDelta": adadelta.limits,
    "AdaGrad": adagrad.limits,
    "Adam": adam.limits,
    "AdaMax": adamax.limits,
    "Nadam": nadam.limits,
    "RMSProp": rmsprop.limits,
    "SGD": sgd.limits,
}


class Judged(NamedTuple):
    """What a side made of a case's values, whether it changed them, and what it is judged by."""

    updates: list[Update]
    changed: bool
    expected: list[Update]
    limits: list[Limits]


def run_optimizer(
    case: OptimizerCase, dtype: str, subject: Adapter, backend: Adapter, seed: int
) -> Measured:
    """Return what subject and backend deviate by from the oracle over a case's updates."""
    return measured(dtype, subject, backend, judged(case, dtype, subject, backend, seed))


def judged(
    case: OptimizerCase, dtype: str, subject: Adapter, backend: Adapter, seed: int
) -> tuple[Judged, Judged]:
    """Return what subject and backend make of a case's values, and what they are judged by."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    params, grads = values_of(case, dtype, seed)
    wide_params = cast_values(params, wide)
    wide_grads = [cast_values(g, wide) for g in grads]

    def expect() -> list[Update]:
        return RefnetAdapter().optimizers()[case.op](wide_params, wide_grads, **case.options)

    def run(adapter: Adapter, _: list[Update] | None) -> tuple[list[Update], bool]:
        return _updates(adapter, case, dtype, seed)

    expected, mine, theirs = both(subject, backend, expect, run)
    kind, fields = RefnetAdapter.optimizer_fields(case.op, case.options)
    limits = LIMITS[kind](dtype, wide_params, wide_grads, fields)
    return Judged(*mine, expected, limits), Judged(*theirs, expected, limits)


def measured(
    dtype: str, subject: Adapter, backend: Adapter, sides: tuple[Judged, Judged]
) -> Measured:
    """Return what both sides deviate by."""
    mine, theirs = (
        blamed(adapter.name, partial(_deviation, *side, dtype))
        for adapter, side in zip((subject, backend), sides, strict=True)
    )
    rtol = max(
        (
            smallest_rtol(a.params[name], b.params[name])
            for a, b in zip(sides[0].updates, sides[1].updates, strict=False)
            for name in a.params.keys() & b.params.keys()
        ),
        default=0.0,
    )
    return Measured(mine, theirs, rtol=rtol, elements=mine.elements)


def between(case: OptimizerCase, dtype: str, one: Adapter, other: Adapter, seed: int) -> Deviation:
    """Return how far the updates of ``other`` are from those of ``one``, which stand for expected.

    Each may be off by the bound.
    """
    wide = oracle_dtype(dtype)
    assert wide is not None
    params, grads = values_of(case, dtype, seed)
    kind, fields = RefnetAdapter.optimizer_fields(case.op, case.options)
    wide_grads = [cast_values(g, wide) for g in grads]
    limits = LIMITS[kind](dtype, cast_values(params, wide), wide_grads, fields)
    (first, first_changed), (updates, changed) = (
        _updates(side, case, dtype, seed) for side in (one, other)
    )
    expected = [
        u._replace(
            params=cast_values(u.params, wide),
            slots={name: cast_values(slot, wide) for name, slot in u.slots.items()},
            point=None if u.point is None else cast_values(u.point, wide),
        )
        for u in first
    ]
    return _deviation(updates, first_changed or changed, expected, limits, dtype, sides=2)


def _updates(
    adapter: Adapter, case: OptimizerCase, dtype: str, seed: int
) -> tuple[list[Update], bool]:
    """Return what an adapter makes of values of its own, and whether it changed them."""
    (params, grads), (given, given_grads) = (values_of(case, dtype, seed) for _ in range(2))
    updates = adapter.optimizers()[case.op](given, given_grads, **case.options)
    return updates, _changed([given, *given_grads], [params, *grads])


def values_of(case: OptimizerCase, dtype: str, seed: int) -> tuple[Values, list[Values]]:
    """Return a case's parameters, and the gradients of its updates."""

    def drawn(kind: str, scale: float) -> Values:
        return {
            # Zeros are positive, also of negative values times a scale of 0.
            name: (scale * normal(f"{seed}|{case.id}|{kind}|{name}", shape) + 0.0).astype(dtype)
            for name, shape in case.shapes.items()
        }

    grads = [drawn(f"gradient {t}", case.gradients) for t in range(case.steps)]
    return drawn("params", 1.0), grads


def _changed(after: Sequence[Values], before: Sequence[Values]) -> bool:
    return any(
        not np.array_equal(a[name], b[name])
        for a, b in zip(after, before, strict=True)
        for name in b
    )


def _deviation(
    run: list[Update],
    changed: bool,
    expected: list[Update],
    limits: list[Limits],
    dtype: str,
    sides: int = 1,
) -> Deviation:
    """Return how far a run is from the expected; so many sides may each be off by the limits."""
    what = "it changed its inputs" if changed else _unlike(run, expected)
    if what:
        return Deviation(ratio=np.inf, mismatches=1, elements=1, worst=what)
    arrays = arrays_of(run, expected, limits, dtype, sides)
    return worst_of(measure(*array, dtype) for array in arrays)


def _unlike(run: list[Update], expected: list[Update]) -> str:
    """Say what makes a run's states others than those asked for; empty where nothing does."""
    for t, (got, wanted) in enumerate(zip(run, expected, strict=True), start=1):
        if got.slots.keys() != wanted.slots.keys():
            return f"slots {sorted(got.slots)} instead of {sorted(wanted.slots)}"
        if got.done not in (None, t):
            return f"{got.done} updates counted after {t}"
    return ""


def arrays_of(
    run: list[Update],
    expected: list[Update],
    limits: list[Limits],
    dtype: str,
    sides: int = 1,
) -> Iterator[tuple[str, Array, Array, Array]]:
    """Yield every array of a run: its name, itself, the oracle's, and the limit on its error."""
    for t, (got, wanted, limit) in enumerate(zip(run, expected, limits, strict=True), start=1):
        tables = [("", got.params, wanted.params, limit.params)]
        tables += [
            (f"{s} of ", got.slots[s], wanted.slots[s], limit.slots[s]) for s in wanted.slots
        ]
        if got.point is not None or wanted.point is not None:
            mine, target = (u.params if u.point is None else u.point for u in (got, wanted))
            tables.append(("gradient point of ", mine, target, limit.point))
        for kind, values, targets, table in tables:
            for name, value in targets.items():
                allowed = sides * widened(dtype, value, table[name])
                yield f"{kind}{name} after update {t}", values[name], value, allowed
