"""Cells of operations: run subject, backend and oracle on the same arrays and measure both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from parity.backends.base import Adapter, Array, Outcome, results
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import forward_limit, oracle_dtype, vjp_limits
from parity.case import COTANGENTS, Case
from parity.cells import Measured, blamed, both
from parity.compare import Deviation, alike, measure, smallest_rtol, worst_of
from parity.errors import AdapterError
from parity.floats import HALVES, finfo, is_integer
from parity.inputs import arrays, cotangents

Shape: TypeAlias = tuple[int, ...] | list[tuple[int, ...]]  # of a result, or of each of several


class Expected(NamedTuple):
    """What the oracle gave, the cotangents that it was given, and the results' shapes."""

    outcome: Outcome
    cotangents: list[Any] | None
    shape: Shape


def run_operation(
    case: Case,
    dtype: str,
    subject: Adapter,
    backend: Adapter,
    seed: int,
    n: int = COTANGENTS,
) -> Measured:
    """Return what subject and backend deviate by from the oracle in one cell, for n cotangents.

    Every side gets arrays of its own. One that changes its inputs is outside every bound.
    """
    wide = oracle_dtype(dtype)
    assert wide is not None
    inputs, options = arrays(case, dtype, seed)
    wide_inputs, wide_options = cast(inputs, wide), cast_options(options, wide)

    def expect() -> Expected:
        oracle = RefnetAdapter()
        y = oracle.run(case.op, wide_inputs, wide_options, None).y
        shape = shape_of(y)
        dys = cotangents(case, shape, dtype, seed, n) if case.vjp else None
        wide_dys = None if dys is None else cast(dys, wide)
        outcome = oracle.run(case.op, wide_inputs, wide_options, wide_dys)
        _check_absences(case.op, wide_inputs, outcome)
        return Expected(outcome, wide_dys, shape)

    def run(adapter: Adapter, expected: Expected | None) -> tuple[Outcome, bool]:
        shape = None if expected is None or not case.vjp else expected.shape
        return _outcome(adapter, case, dtype, seed, shape, n)

    with np.errstate(all="ignore"):
        (expected, wide_dys, _), *sides = both(subject, backend, expect, run)
    forward_only = any(outcome.cotangents is None for outcome, _ in sides)
    deviations, limits = [], []
    for adapter, (outcome, changed) in zip((subject, backend), sides, strict=True):
        # Each side is judged by all that it has, whatever the other lacks.
        own = expected._replace(cotangents=None) if outcome.cotangents is None else expected
        accumulation = _accumulation(adapter, case.op, dtype)
        args = (dtype, accumulation, own, wide_inputs, wide_options, wide_dys)
        limits.append(limits_of(case.op, *args))
        judged = partial(_deviation, outcome, changed, own, limits[-1], dtype)
        deviations.append(blamed(adapter.name, judged))
    pairs = _pairs(sides[0][0], sides[1][0], with_cotangents=not forward_only)
    allowed = [limit for _, _, limit in max(limits, key=len)]
    return Measured(
        actual=deviations[0],
        other=deviations[1],
        rtol=max((smallest_rtol(a, b) for a, b in pairs), default=0.0),
        elements=deviations[0].elements,
        forward_only=forward_only and case.vjp,
        rounds_between=tuple(
            side.name
            for side in (subject, backend)
            if dtype in HALVES and _accumulation(side, case.op, dtype) == dtype
        ),
        alike=all(alike(a, b, limit) for (a, b), limit in zip(pairs, allowed, strict=False)),
    )


def between(
    case: Case, dtype: str, one: Adapter, other: Adapter, seed: int, n: int = COTANGENTS
) -> Deviation:
    """Return how far the results of ``other`` are from those of ``one``, which stand for expected.

    Each may be off by its own bound, as it is at the results of ``one``: the oracle has no part in
    it, for it may be what both differ from.
    """
    wide = oracle_dtype(dtype)
    assert wide is not None
    inputs, options = arrays(case, dtype, seed)
    with np.errstate(all="ignore"):
        shape = shape_of(one.run(case.op, *arrays(case, dtype, seed), None).y)
        asked = shape if case.vjp else None
        sides = [_outcome(side, case, dtype, seed, asked, n) for side in (one, other)]
        first = sides[0][0]
        y = cast(results(first.y), wide)
        forward_only = any(outcome.cotangents is None for outcome, _ in sides)
        expected = Outcome(
            tuple(y) if isinstance(first.y, tuple) else y[0],
            None if forward_only else [tuple(cast(c, wide)) for c in first.cotangents or ()],
        )
        dys = None if forward_only else cast(cotangents(case, shape, dtype, seed, n), wide)
        given = (expected, cast(inputs, wide), cast_options(options, wide), dys)
        allowed = [
            limits_of(case.op, dtype, _accumulation(side, case.op, dtype), *given)
            for side in (one, other)
        ]
        limits = [(name, y, a + b) for (name, y, a), (_, _, b) in zip(*allowed, strict=True)]
        changed = any(changed for _, changed in sides)
        return _deviation(sides[1][0], changed, expected, limits, dtype)


def shape_of(y: Array | tuple[Array, ...]) -> Shape:
    """Return the shape of a result, or those of several."""
    return [v.shape for v in y] if isinstance(y, tuple) else y.shape


def _outcome(
    adapter: Adapter, case: Case, dtype: str, seed: int, shape: Shape | None, n: int
) -> tuple[Outcome, bool]:
    """Return what an adapter gives for arrays of its own, and whether it changed them.

    ``shape`` is that of the cotangents; with None there are none.
    """
    (inputs, options), (given, given_options) = (arrays(case, dtype, seed) for _ in range(2))
    dys, fresh = (
        None if shape is None else cotangents(case, shape, dtype, seed, n) for _ in range(2)
    )
    outcome = adapter.run(case.op, given, given_options, dys)
    before, after = _arrays(options), _arrays(given_options)
    return outcome, any(
        _changed(*pair)
        for pair in ((given, inputs), (_flat(dys or []), _flat(fresh or [])), (after, before))
    )


def _accumulation(adapter: Adapter, op: str, dtype: str) -> str:
    """Return what an adapter says that it accumulates in: narrower than the dtype is no excuse."""
    said = adapter.accumulation(op, dtype)
    return said if finfo(said).nmant >= finfo(dtype).nmant else dtype


def _arrays(options: Mapping[str, Any]) -> list[Array]:
    return [v for v in options.values() if isinstance(v, np.ndarray)]


def cast(values: Sequence[Any], dtype: np.dtype[Any]) -> list[Any]:
    """Return arrays, and tuples of arrays, in ``dtype``; integers as they are."""
    return [tuple(cast(v, dtype)) if isinstance(v, tuple) else _wide(v, dtype) for v in values]


def _wide(a: Array | None, dtype: np.dtype[Any]) -> Array | None:
    return a if a is None or is_integer(a) else a.astype(dtype)


def cast_options(options: Mapping[str, Any], dtype: np.dtype[Any]) -> dict[str, Any]:
    """Return options with their arrays, and those that are the cell's dtype, in ``dtype``."""

    def widened(value: Any) -> Any:
        if isinstance(value, np.dtype):  # an option that is the cell's dtype
            return dtype
        return _wide(value, dtype) if isinstance(value, np.ndarray) else value

    return {name: widened(value) for name, value in options.items()}


def _flat(values: Sequence[Any]) -> list[Array]:
    return [a for v in values for a in results(v)]


def _changed(after: Sequence[Array | None], before: Sequence[Array | None]) -> bool:
    return any(
        a is not None and b is not None and a.tobytes() != b.tobytes()
        for a, b in zip(after, before, strict=True)
    )


def limits_of(
    op: str,
    dtype: str,
    accumulation: str,
    expected: Outcome,
    inputs: Sequence[Array | None],
    options: Mapping[str, Any],
    dys: Sequence[Any] | None,
) -> list[tuple[str, Array, Array]]:
    """Return name, expected value and limit of every result and of every cotangent."""
    names, defaults = RefnetAdapter.signature(op, len(inputs))
    every = {**defaults, **options}
    limits = forward_limit(op, dtype, accumulation, expected.y, inputs, every)
    ys = results(expected.y)
    called = ["y"] if len(ys) == 1 else [f"y[{k}]" for k in range(len(ys))]
    found = list(zip(called, ys, limits, strict=True))
    for i, (dy, values) in enumerate(zip(dys or (), expected.cotangents or (), strict=False)):
        allowed = vjp_limits(op, dtype, accumulation, values, dy, inputs, every)
        for name, value, limit in zip(names, values, allowed, strict=True):
            if value is not None and limit is not None:
                found.append((f"d{name} for cotangent {i}", value, limit))
    return found


def _deviation(
    outcome: Outcome,
    changed: bool,
    expected: Outcome,
    limits: Sequence[tuple[str, Array, Array]],
    dtype: str,
) -> Deviation:
    if changed:
        return Deviation(ratio=np.inf, mismatches=1, worst="it changed its inputs")
    if isinstance(outcome.y, tuple) != isinstance(expected.y, tuple):
        worst = (
            "a tuple for one result" if isinstance(outcome.y, tuple) else "one for several results"
        )
        return Deviation(ratio=np.inf, mismatches=1, worst=worst)
    got = [*results(outcome.y)]
    if len(got) != len(results(expected.y)):
        worst = f"{len(got)} result(s) instead of {len(results(expected.y))}"
        return Deviation(ratio=np.inf, mismatches=1, worst=worst)
    if expected.cotangents is not None:
        found = outcome.cotangents or []
        if _absences(found) != _absences(expected.cotangents):
            worst = "cotangents of other inputs than asked for"
            return Deviation(ratio=np.inf, mismatches=1, worst=worst)
        got += [v for values in found for v in values if v is not None]
    return worst_of(
        measure(name, np.asarray(actual), value, limit, dtype)
        for actual, (name, value, limit) in zip(got, limits, strict=True)
    )


def _check_absences(op: str, inputs: Sequence[Array | None], outcome: Outcome) -> None:
    """Refuse cotangents of integers or of inputs left out, and missing ones of all others."""
    for values in outcome.cotangents or ():
        padded = [*inputs, *[None] * (len(values) - len(inputs))]
        wanted = [a is None or is_integer(a) for a in padded]
        if wanted != [c is None for c in values]:
            raise AdapterError(
                op,
                got=f"cotangents of {sum(c is not None for c in values)} inputs",
                needs=f"those of the {wanted.count(False)} float inputs that were given",
                cause="Does the VJP rule forget an optional input that is left out?",
            )


def _absences(cotangents: Sequence[Sequence[Array | None]]) -> list[list[bool]]:
    return [[c is None for c in values] for values in cotangents]


def _pairs(a: Outcome, b: Outcome, *, with_cotangents: bool) -> list[tuple[Array, Array]]:
    pairs = list(zip(results(a.y), results(b.y), strict=False))
    if with_cotangents:
        for left, right in zip(a.cotangents or (), b.cotangents or (), strict=False):
            both_there = zip(left, right, strict=False)
            pairs += [(x, z) for x, z in both_there if x is not None and z is not None]
    return pairs
