"""Cells of operations: run subject, backend and oracle on the same arrays and measure both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from parity.inputs import Drawn, cotangents, drawn

Shape: TypeAlias = tuple[int, ...] | list[tuple[int, ...]]  # of a result, or of each of several


Cotangents: TypeAlias = Callable[[Shape], list[Any]]  # for a result of a shape


class Expected(NamedTuple):
    """What the oracle gave, the cotangents in its precision, and what the sides are given."""

    outcome: Outcome
    wide_dys: list[Any] | None
    dys: list[Any] | None


class Judged(NamedTuple):
    """What a side gave in a cell, whether it changed its inputs, and what it is judged by.

    That is, for every array, its name, the oracle's value and the limit on its error.
    """

    outcome: Outcome
    changed: bool
    expected: Outcome
    limits: list[tuple[str, Array, Array]]
    accumulation: str


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
    dys = cotangents_of(case, dtype, seed, n)
    sides = judged(case.op, dtype, subject, backend, drawn(case, dtype, seed), dys)
    return measured(dtype, subject, backend, sides, vjp=case.vjp)


def cotangents_of(case: Case, dtype: str, seed: int, n: int = COTANGENTS) -> Cotangents | None:
    """Return what gives a case's n cotangents for a result; None for a case without a VJP."""
    return (lambda shape: cotangents(case, shape, dtype, seed, n)) if case.vjp else None


def judged(
    op: str,
    dtype: str,
    subject: Adapter,
    backend: Adapter,
    given: Drawn,
    make: Cotangents | None,
) -> tuple[Judged, Judged]:
    """Return what subject and backend give for inputs and options, and what they are judged by."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    inputs, options = given.fresh()
    wide_inputs, wide_options = cast(inputs, wide), cast_options(options, wide)

    def expect() -> Expected:
        oracle = RefnetAdapter()
        y = oracle.run(op, wide_inputs, wide_options, None).y
        dys = None if make is None else make(shape_of(y))
        wide_dys = None if dys is None else cast(dys, wide)
        found = None if wide_dys is None else oracle.vjp(op, wide_dys, wide_inputs, wide_options)
        outcome = Outcome(y, found)
        _check_absences(op, wide_inputs, outcome)
        return Expected(outcome, wide_dys, dys)

    def run(adapter: Adapter, expected: Expected | None) -> tuple[Outcome, bool]:
        return _outcome(adapter, op, given, None if expected is None else expected.dys)

    with np.errstate(all="ignore"):
        (expected, wide_dys, _), *sides = both(subject, backend, expect, run)
    limits: dict[tuple[str, bool], list[tuple[str, Array, Array]]] = {}
    found = []
    for adapter, (outcome, changed) in zip((subject, backend), sides, strict=True):
        # Each side is judged by all that it has, whatever the other lacks.
        forward_only = outcome.cotangents is None
        own = expected._replace(cotangents=None) if forward_only else expected
        key = _accumulation(adapter, op, dtype), forward_only
        if key not in limits:
            args = (dtype, key[0], own, wide_inputs, wide_options, wide_dys)
            limits[key] = limits_of(op, *args)
        found.append(Judged(outcome, changed, own, limits[key], key[0]))
    return found[0], found[1]


def measured(
    dtype: str, subject: Adapter, backend: Adapter, sides: tuple[Judged, Judged], *, vjp: bool
) -> Measured:
    """Return what both sides deviate by; ``vjp`` says whether cotangents were asked for."""
    adapters = (subject, backend)
    deviations = [
        blamed(adapter.name, partial(_deviation, side, dtype))
        for adapter, side in zip(adapters, sides, strict=True)
    ]
    forward_only = any(side.outcome.cotangents is None for side in sides)
    pairs = _pairs(sides[0].outcome, sides[1].outcome, with_cotangents=not forward_only)
    allowed = [limit for _, _, limit in max((side.limits for side in sides), key=len)]
    return Measured(
        actual=deviations[0],
        other=deviations[1],
        rtol=max((smallest_rtol(a, b) for a, b in pairs), default=0.0),
        elements=deviations[0].elements,
        forward_only=forward_only and vjp,
        rounds_between=tuple(
            adapter.name
            for adapter, side in zip(adapters, sides, strict=True)
            if dtype in HALVES and side.accumulation == dtype
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
    given = drawn(case, dtype, seed)
    inputs, options = given.fresh()
    make = cotangents_of(case, dtype, seed, n)
    with np.errstate(all="ignore"):
        shape = shape_of(one.run(case.op, *given.fresh(), None).y)
        asked = None if make is None else make(shape)
        sides = [_outcome(side, case.op, given, asked) for side in (one, other)]
        first = sides[0][0]
        y = cast(results(first.y), wide)
        forward_only = any(outcome.cotangents is None for outcome, _ in sides)
        expected = Outcome(
            tuple(y) if isinstance(first.y, tuple) else y[0],
            None if forward_only else [tuple(cast(c, wide)) for c in first.cotangents or ()],
        )
        dys = None if forward_only or asked is None else cast(asked, wide)
        args = (expected, cast(inputs, wide), cast_options(options, wide), dys)
        accumulations = [_accumulation(side, case.op, dtype) for side in (one, other)]
        allowed = [limits_of(case.op, dtype, name, *args) for name in accumulations]
        limits = [(name, y, a + b) for (name, y, a), (_, _, b) in zip(*allowed, strict=True)]
        changed = any(changed for _, changed in sides)
        return _deviation(Judged(sides[1][0], changed, expected, limits, accumulations[1]), dtype)


def shape_of(y: Array | tuple[Array, ...]) -> Shape:
    """Return the shape of a result, or those of several."""
    return [v.shape for v in y] if isinstance(y, tuple) else y.shape


def _outcome(
    adapter: Adapter, op: str, given: Drawn, dys: list[Any] | None
) -> tuple[Outcome, bool]:
    """Return what an adapter gives for arrays of its own, and whether it changed them."""
    inputs, options = given.fresh()
    own = None if dys is None else [_copied(dy) for dy in dys]
    outcome = adapter.run(op, inputs, options, own)
    return outcome, any(
        _changed(*pair)
        for pair in (
            (inputs, given.inputs),
            (_flat(own or []), _flat(dys or [])),
            (_arrays(options), _arrays(given.options)),
        )
    )


def _copied(dy: Any) -> Any:
    return tuple(part.copy() for part in dy) if isinstance(dy, tuple) else dy.copy()


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
    """Return options in ``dtype``: arrays as :func:`cast` has them, and the cell's own dtype."""

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


def _deviation(side: Judged, dtype: str) -> Deviation:
    what = _unlike(side)
    if what:
        return Deviation(ratio=np.inf, mismatches=1, worst=what)
    return worst_of(measure(*array, dtype) for array in arrays_of(side))


def arrays_of(side: Judged) -> list[tuple[str, Array, Array, Array]]:
    """Return every array that a side gave: its name, itself, the oracle's, and its limit."""
    outcome = side.outcome
    got = [*results(outcome.y)]
    if side.expected.cotangents is not None:
        got += [v for values in outcome.cotangents or () for v in values if v is not None]
    return [
        (name, np.asarray(actual), value, limit)
        for actual, (name, value, limit) in zip(got, side.limits, strict=True)
    ]


def _unlike(side: Judged) -> str:
    """Say what makes a side's arrays others than those asked for; empty where nothing does."""
    outcome, expected = side.outcome, side.expected
    if side.changed:
        return "it changed its inputs"
    if isinstance(outcome.y, tuple) != isinstance(expected.y, tuple):
        several = isinstance(outcome.y, tuple)
        return "a tuple for one result" if several else "one for several results"
    n, wanted = len(results(outcome.y)), len(results(expected.y))
    if n != wanted:
        return f"{n} result(s) instead of {wanted}"
    if expected.cotangents is not None:
        absent = _absences(outcome.cotangents or [])
        if absent != _absences(expected.cotangents):
            return "cotangents of other inputs than asked for"
    return ""


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
