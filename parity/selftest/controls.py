"""Null controls: what has no difference shows none, and what is all wrong does not pass.

An implementation against itself differs in nothing, to the last bit: otherwise a result would
depend on something else than its inputs. The right values in the wrong places are outside every
bound: otherwise a bound would let anything through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from parity.backends import adapter
from parity.backends.base import Adapter, Array, Outcome
from parity.case import AnyCase, Case, OptimizerCase
from parity.cells import cell
from parity.operations import between, run_operation
from parity.optimizers import between as between_updates
from parity.registry import all_cases
from parity.result import Status

DTYPE = "float32"
FEW = 2  # cases of each operation whose values are moved


class Control(NamedTuple):
    """What a control showed: in how many cells, and those that are not as they have to be."""

    what: str
    cells: int
    wrong: tuple[str, ...]


class Shuffled(Adapter):
    """An implementation whose results have their elements in other places."""

    def __init__(self, inner: Adapter) -> None:
        self.inner, self.changed = inner, False
        self.name = f"shuffled {inner.name}"
        self.dtypes = inner.dtypes

    def has(self, op: str) -> bool:
        """Return whether the implementation has an operation."""
        return self.inner.has(op)

    def limitation(self, op: str, dtype: str) -> str | None:
        """Return why the implementation lacks an operation in a dtype, if it does."""
        return self.inner.limitation(op, dtype)

    def accumulation(self, op: str, dtype: str) -> str:
        """Return what the implementation accumulates in."""
        return self.inner.accumulation(op, dtype)

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the results and cotangents, each value one place further on."""
        found = self.inner.run(op, inputs, options, cotangents)
        y = tuple(map(self._moved, found.y)) if isinstance(found.y, tuple) else self._moved(found.y)
        if found.cotangents is None:
            return Outcome(y, None)
        rows = [tuple(None if c is None else self._moved(c) for c in r) for r in found.cotangents]
        return Outcome(y, rows)

    def _moved(self, a: Array) -> Array:
        moved = np.roll(a, 1)
        self.changed |= not np.array_equal(moved, a, equal_nan=True)
        return moved


def against_itself(name: str, cases: Sequence[AnyCase], seed: int = 0) -> Control:
    """Compare an implementation with itself in every case of an operation or optimizer."""
    side = adapter(name)
    wrong, count = [], 0
    for case in cases:
        if not isinstance(case, Case | OptimizerCase) or DTYPE not in case.dtypes:
            continue
        if isinstance(case, Case):
            found = between(case, DTYPE, side, side, seed, 1)
        else:
            found = between_updates(case, DTYPE, side, side, seed)
        count += 1
        if found.max_abs or found.differing:
            wrong.append(f"{case.id}: {found.worst}")
    return Control(f"{name} against itself differs in nothing", count, tuple(wrong))


def shuffled(name: str, cases: Sequence[AnyCase], seed: int = 0) -> Control:
    """Judge an implementation whose values are in other places, in a few cases of each operation.

    Those in which nothing moves, as where all values are equal, are passed over.
    """
    refnet, inner = adapter("refnet"), adapter(name)
    wrong, done = [], Counter[str]()
    for case in cases:
        if not isinstance(case, Case) or case.regime != "typical" or done[case.op] == FEW:
            continue
        side = Shuffled(inner)
        run = partial(run_operation, case, DTYPE, refnet, side, seed, 1)
        found = cell(case, DTYPE, refnet, side, (), run)
        done[case.op] += side.changed
        if side.changed and found.status is not Status.FAIL:
            wrong.append(f"{case.id}: {found.status.value} {found.reason}".rstrip())
    return Control(f"{name} with its values in other places fails", done.total(), tuple(wrong))


CONTROLS: Mapping[str, Callable[[Sequence[AnyCase], int], Control]] = {
    "refnet": partial(against_itself, "refnet"),
    "torch": partial(against_itself, "torch"),
    "shuffled torch": partial(shuffled, "torch"),
}


def control(name: str, seed: int = 0) -> Control:
    """Return what one of :data:`CONTROLS` shows over all cases."""
    return CONTROLS[name](all_cases(), seed)
