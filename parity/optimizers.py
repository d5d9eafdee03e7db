"""Cells of optimizers: updates from given gradients, every parameter and slot compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from parity.backends.base import Adapter, Update, Values, cast_values
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


def run_optimizer(
    case: OptimizerCase, dtype: str, subject: Adapter, backend: Adapter, seed: int
) -> Measured:
    """Return what subject and backend deviate by from the oracle over a case's updates."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    params, grads = values_of(case, dtype, seed)
    wide_params = cast_values(params, wide)
    wide_grads = [cast_values(g, wide) for g in grads]

    def expect() -> list[Update]:
        return RefnetAdapter().optimizers()[case.op](wide_params, wide_grads, **case.options)

    def run(adapter: Adapter, _: list[Update] | None) -> tuple[list[Update], bool]:
        return _updates(adapter, case, dtype, seed)

    expected, *runs = both(subject, backend, expect, run)
    kind, fields = RefnetAdapter.optimizer_fields(case.op, case.options)
    limits = LIMITS[kind](dtype, wide_params, wide_grads, fields)
    mine, theirs = (
        blamed(adapter.name, partial(_deviation, *run, expected, limits, dtype))
        for adapter, run in zip((subject, backend), runs, strict=True)
    )
    rtol = max(
        (
            smallest_rtol(a.params[name], b.params[name])
            for a, b in zip(runs[0][0], runs[1][0], strict=False)
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
    if changed:
        return Deviation(ratio=np.inf, mismatches=1, elements=1, worst="it changed its inputs")
    found: list[Deviation] = []
    for t, (got, wanted, limit) in enumerate(zip(run, expected, limits, strict=True), start=1):
        if got.slots.keys() != wanted.slots.keys():
            names = f"slots {sorted(got.slots)} instead of {sorted(wanted.slots)}"
            return Deviation(ratio=np.inf, mismatches=1, elements=1, worst=names)
        if got.done not in (None, t):
            counted = f"{got.done} updates counted after {t}"
            return Deviation(ratio=np.inf, mismatches=1, elements=1, worst=counted)
        tables = [("", got.params, wanted.params, limit.params)]
        tables += [
            (f"{s} of ", got.slots[s], wanted.slots[s], limit.slots[s]) for s in wanted.slots
        ]
        if got.point is not None or wanted.point is not None:
            mine, target = (u.params if u.point is None else u.point for u in (got, wanted))
            tables.append(("gradient point of ", mine, target, limit.point))
        for kind, values, targets, table in tables:
            found += [
                measure(
                    f"{kind}{name} after update {t}",
                    values[name],
                    target,
                    sides * widened(dtype, target, table[name]),
                    dtype,
                )
                for name, target in targets.items()
            ]
    return worst_of(found)
