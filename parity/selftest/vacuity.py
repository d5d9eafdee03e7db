"""Checks that cannot fail, among the cases: what passes in them passes for nothing.

A case is vacuous in a part of it where

- the cotangents are constant: ones hide whole terms of a VJP, all of softmax's among them;
- two sizes coincide that code may confuse: axes of one input, of one result, of one parameter;
- the gradient is all but zero: no element of it, for any of the cotangents, is above its limit;
- the bound is above the signal: no element of the result is above its limit, so that zeros pass.

NaN and infinities are compared by kind, so they are a signal. Where an input has no elements,
shapes are what is compared, and sums over nothing are 0. A case that is vacuous for a good reason
says so itself (:func:`parity.registry.excuse`); a reason that no case needs is a finding too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from parity.backends.base import Array, Values, cast_values, results
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import arithmetic, oracle_dtype, widened
from parity.bounds.initializers import distribution, shares
from parity.case import AnyCase, Case, InitializerCase, OptimizerCase, TrainingCase
from parity.inputs import arrays, cotangents
from parity.operations import cast, cast_options, limits_of, shape_of
from parity.optimizers import LIMITS, values_of
from parity.registry import all_cases
from parity.trajectory.data import in_dtype, load
from parity.trajectory.lockstep import LIMIT
from parity.trajectory.run import batches_of, initial_params, trainer

STEPS = 3  # of a training run


class Kind(StrEnum):
    """What makes a check vacuous."""

    COTANGENT = "constant cotangent"
    DIMENSIONS = "coinciding dimensions"
    GRADIENT = "no gradient"
    BOUND = "bound above the signal"
    NEEDLESS = "excuse without need"


class Finding(NamedTuple):
    """One part of a case that passes whatever is computed, and why."""

    case: str
    dtype: str
    kind: Kind
    part: str
    words: str


class Linted(NamedTuple):
    """What became of every case in every dtype."""

    cells: int
    findings: tuple[Finding, ...]
    excused: tuple[tuple[Finding, str], ...]  # with the reason that the case gives

    @staticmethod
    def joined(parts: Sequence[Linted], cases: Sequence[AnyCase]) -> Linted:
        """Return the parts as one, with the excuses of cases that none of them needs."""
        excused = tuple(e for part in parts for e in part.excused)
        findings = tuple(f for part in parts for f in part.findings)
        return Linted(
            sum(part.cells for part in parts), (*findings, *needless(cases, excused)), excused
        )


class Part(NamedTuple):
    """A value that a case compares, by name, with its limit."""

    name: str
    value: Array
    limit: Array


def linted(share: int, shares: int, seed: int = 0) -> Linted:
    """Return the findings of every so many-th case, from one on."""
    return lint(all_cases()[share::shares], seed)


def lint(cases: Sequence[AnyCase], seed: int = 0) -> Linted:
    """Return the findings of cases in all of their dtypes."""
    findings, excused = [], []
    for case in cases:
        for dtype in case.dtypes:
            if oracle_dtype(dtype) is None:
                continue
            for found in findings_of(case, dtype, seed):
                reason = case.vacuous.get(found.part)
                if reason is None:
                    findings.append(found)
                else:
                    excused.append((found, reason))
    return Linted(sum(len(c.dtypes) for c in cases), tuple(findings), tuple(excused))


def findings_of(case: AnyCase, dtype: str, seed: int) -> Iterator[Finding]:
    """Return what is vacuous in a case in one dtype, whatever it says of itself."""
    with np.errstate(all="ignore"):
        match case:
            case Case():
                found = _of_operation(case, dtype, seed)
            case OptimizerCase():
                found = _of_optimizer(case, dtype, seed)
            case InitializerCase():
                found = _of_initializer(case, dtype)
            case TrainingCase():
                found = _of_training(case, dtype, seed)
        for kind, part, words in found:
            yield Finding(case.id, dtype, kind, part, words)


Found = Iterator[tuple[Kind, str, str]]


def _of_operation(case: Case, dtype: str, seed: int) -> Found:
    wide = oracle_dtype(dtype)
    assert wide is not None
    oracle = RefnetAdapter()
    inputs, options = arrays(case, dtype, seed)
    wide_inputs, wide_options = cast(inputs, wide), cast_options(options, wide)
    y = oracle.run(case.op, wide_inputs, wide_options, None).y
    shape = shape_of(y)
    names, _ = RefnetAdapter.signature(case.op, len(inputs))
    shapes = {n: a.shape for n, a in zip(names, inputs, strict=False) if a is not None}
    parts = shape if isinstance(shape, list) else [shape]
    shapes |= {_numbered("y", k, len(parts)): s for k, s in enumerate(parts)}
    yield from coinciding(shapes)
    if any(a is not None and a.size == 0 for a in inputs):
        return
    dys = cotangents(case, shape, dtype, seed) if case.vjp else []
    yield from constant(dys)
    outcome = oracle.run(case.op, wide_inputs, wide_options, cast(dys, wide))
    accumulation = oracle.accumulation(case.op, dtype)
    limits = limits_of(
        case.op, dtype, accumulation, outcome, wide_inputs, wide_options, cast(dys, wide)
    )
    # Of a gradient, every cotangent's share; of a result, its own.
    yield from silent([Part(name.partition(" for ")[0], v, limit) for name, v, limit in limits])


def _of_optimizer(case: OptimizerCase, dtype: str, seed: int) -> Found:
    wide = oracle_dtype(dtype)
    assert wide is not None
    params, grads = values_of(case, dtype, seed)
    yield from coinciding({name: a.shape for name, a in params.items()})
    wide_params, wide_grads = cast_values(params, wide), [cast_values(g, wide) for g in grads]
    updates = RefnetAdapter().optimizers()[case.op](wide_params, wide_grads, **case.options)
    kind, fields = RefnetAdapter.optimizer_fields(case.op, case.options)
    limits = LIMITS[kind](dtype, wide_params, wide_grads, fields)
    parts = []
    before: Mapping[str, Array] = wide_params
    for update, limit in zip(updates, limits, strict=True):
        for name, after in update.params.items():
            allowed = widened(dtype, after, limit.params[name])
            parts.append(Part(f"step of {name}", after - before[name], allowed))
        for slot, values in update.slots.items():
            for name, value in values.items():
                allowed = widened(dtype, value, limit.slots[slot][name])
                parts.append(Part(f"{slot} of {name}", value, allowed))
        before = update.params
    yield from silent(parts)
    for name in params:
        if not any(g[name].any() for g in grads):
            yield Kind.GRADIENT, name, "no gradient but 0"


def _of_initializer(case: InitializerCase, dtype: str) -> Found:
    """Try the limits on what is not the distribution: values half as large again."""
    yield from coinciding({"shape": case.shape})
    d = distribution(case.op, case.shape, case.options)
    if d is None:
        return
    n = case.draws * math.prod(case.shape)
    places = (np.arange(n) + 0.5) / n
    low, high = (d.mean + k * 12 * d.std for k in (-1, 1))
    values = np.linspace(low, high, 1 << 14)
    sample = np.interp(places, d.cdf(values), values)  # as even as a sample can be
    wrong = shares(d.mean + 1.5 * (sample - d.mean), d, arithmetic(dtype).u).shares
    if max(wrong.values()) <= 1:
        yield Kind.BOUND, "sample", "values half as large again are within the limits"


def _of_training(case: TrainingCase, dtype: str, seed: int) -> Found:
    """Look at the first steps, against the least that lockstep allows."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    data = load(case.data)
    start = initial_params(case, data, dtype, seed)
    yield from coinciding({name: a.shape for name, a in start.items()})
    side, batches = trainer(case, None), batches_of(case, data, seed)
    params: Values = cast_values(start, wide)
    slots = side.slots(params)
    least = LIMIT * arithmetic(dtype).u
    parts = []
    for done in range(min(STEPS, case.steps)):  # a schedule may begin at 0
        batch = in_dtype(in_dtype(batches.at(done), dtype), wide)
        step = side.step(params, slots, done, *batch)
        for name, after in step.params.items():
            gradient, moved = step.grads[name], after - params[name]
            parts += [
                Part(f"d{name}", gradient, np.full(gradient.shape, least * _size(gradient))),
                Part(f"step of {name}", moved, np.full(moved.shape, least * _size(after))),
            ]
        params, slots = step.params, step.slots
    yield from silent(parts)


def coinciding(shapes: Mapping[str, tuple[int, ...]]) -> Found:
    """Return the arrays that have two axes of one size, but for axes of a single place."""
    for name, shape in shapes.items():
        sizes = [n for n in shape if n > 1]
        if len(set(sizes)) < len(sizes):
            yield Kind.DIMENSIONS, name, f"{name} of shape {shape}"


def constant(dys: Sequence[Any]) -> Found:
    """Return the results whose cotangents are constant, or one and the same every time."""
    for k, given in enumerate(zip(*map(results, dys), strict=True)):
        part = _numbered("dy", k, len(results(dys[0])))
        if any(a.size > 1 and (a == a.flat[0]).all() for a in given):
            yield Kind.COTANGENT, part, "one value throughout"
        elif given[0].size and all((a == given[0]).all() for a in given[1:]):
            yield Kind.COTANGENT, part, "the same each time"


def silent(parts: Iterable[Part]) -> Found:
    """Return the parts of which no element is above its limit, in any of those of one name."""
    heard: dict[str, bool] = {}
    for name, value, limit in parts:
        size = np.abs(value)
        above = bool((~np.isfinite(value) | (size > limit)).any())
        heard[name] = heard.get(name, False) or above or not value.size
    for name, above in heard.items():
        if not above:
            kind = Kind.GRADIENT if name.startswith("d") else Kind.BOUND
            yield kind, name, f"no element of {name} is above its limit"


def needless(cases: Sequence[AnyCase], excused: Sequence[tuple[Finding, str]]) -> list[Finding]:
    """Return the excuses that no case needs of those that give it."""
    needed = {(found.case, found.part) for found, _ in excused}
    given: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for case in cases:
        for part, reason in case.vacuous.items():
            given[case.op, part, reason].append(case.id)
    return [
        Finding(ids[0], "", Kind.NEEDLESS, part, f"{part} is not vacuous: {reason!r}")
        for (_, part, reason), ids in given.items()
        if not any((case, part) in needed for case in ids)
    ]


def _numbered(name: str, k: int, count: int) -> str:
    return name if count == 1 else f"{name}[{k}]"


def _size(a: Array) -> Any:
    """Return an array's root mean square."""
    return np.sqrt(np.mean(a * a)) if a.size else 0
