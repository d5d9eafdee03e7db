"""Cells of optimizers: updates from given gradients, every parameter and slot compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from parity.backends.base import Adapter, Update, Values
from parity.backends.refnet import RefnetAdapter
from parity.bounds import sgd
from parity.bounds.base import oracle_dtype, widened
from parity.case import OptimizerCase
from parity.cells import Measured, both
from parity.compare import Deviation, measure, smallest_rtol, worst_of
from parity.inputs import normal

LIMITS: Mapping[str, Callable[..., Any]] = {"sgd": sgd.limits}


def run_optimizer(
    case: OptimizerCase, dtype: str, subject: Adapter, backend: Adapter, seed: int
) -> Measured:
    """Return what subject and backend deviate by from the oracle over a case's updates."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    params, grads = _values(case, dtype, seed)
    wide_params = _cast(params, wide)
    wide_grads = [_cast(g, wide) for g in grads]

    def expect() -> list[Update]:
        return RefnetAdapter().optimizers()[case.op](wide_params, wide_grads, **case.options)

    def run(adapter: Adapter, _: list[Update] | None) -> list[Update]:
        return adapter.optimizers()[case.op](*_values(case, dtype, seed), **case.options)

    expected, *runs = both(subject, backend, expect, run)
    limits = LIMITS[case.op](dtype, wide_params, wide_grads, case.options)
    deviations = [_deviation(run, expected, limits, dtype) for run in runs]
    rtol = max(
        smallest_rtol(mine.params[name], theirs.params[name])
        for mine, theirs in zip(*runs, strict=True)
        for name in params
    )
    mine, theirs = deviations
    return Measured(mine, theirs, rtol=rtol, elements=mine.elements)


def _values(case: OptimizerCase, dtype: str, seed: int) -> tuple[Values, list[Values]]:
    def drawn(kind: str) -> Values:
        return {
            name: normal(f"{seed}|{case.id}|{kind}|{name}", shape).astype(dtype)
            for name, shape in case.shapes.items()
        }

    return drawn("params"), [drawn(f"gradient {t}") for t in range(case.steps)]


def _cast(values: Values, dtype: np.dtype[Any]) -> Values:
    return {name: a.astype(dtype) for name, a in values.items()}


def _deviation(run: list[Update], expected: list[Update], limits: Any, dtype: str) -> Deviation:
    found: list[Deviation] = []
    for t, (got, wanted, (param_limits, slot_limits)) in enumerate(
        zip(run, expected, limits, strict=True), start=1
    ):
        if got.slots.keys() != wanted.slots.keys():
            names = f"slots {sorted(got.slots)} instead of {sorted(wanted.slots)}"
            return Deviation(ratio=np.inf, mismatches=1, elements=1, worst=names)
        if got.done not in (None, t):
            counted = f"{got.done} updates counted after {t}"
            return Deviation(ratio=np.inf, mismatches=1, elements=1, worst=counted)
        tables = [("", got.params, wanted.params, param_limits)]
        tables += [(f"{s} of ", got.slots[s], wanted.slots[s], slot_limits) for s in wanted.slots]
        for kind, values, targets, table in tables:
            found += [
                measure(
                    f"{kind}{name} after update {t}",
                    values[name],
                    target,
                    widened(dtype, target, table[name]),
                    dtype,
                )
                for name, target in targets.items()
            ]
    return worst_of(found)
