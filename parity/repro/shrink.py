"""Inputs made as small and as plain as a failure allows: greedy, and the same on every machine.

What counts as the same failure is asked of the caller; whatever raises otherwise is not it. First
whatever can be left out is (cotangents, layouts, options, optional inputs), then dimensions become
shorter, those of one size together, since they most likely are one; then values become zeros, ones
and numbers of few digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.case import COTANGENTS
from parity.floats import is_integer
from parity.inputs import Drawn

Array = NDArray[Any]
Make = Callable[[Any], list[Any]]

RUNS = 600  # of the cell, at most
SIMPLER = 48  # elements of an array that are made simpler one by one
# Sizes of which one is a multiple are shortened together too: the gates of recurrent networks.
MULTIPLES = (2, 3, 4)


class Failing(NamedTuple):
    """What a cell is given: inputs and options, and what makes its cotangents for a result.

    ``drawn`` is the number of cotangents; ``cotangents`` are those that were made, once their shape
    is settled.
    """

    given: Drawn
    make: Make | None
    drawn: int = COTANGENTS
    cotangents: list[Any] | None = None

    def dys(self) -> Make | None:
        """Return what makes the cotangents."""
        found = self.cotangents
        return self.make if found is None else lambda _: found


class Shrunk(NamedTuple):
    """The smallest that still fails, and how many runs it took to find it."""

    failing: Failing
    runs: int


def shrink(
    failing: Failing,
    fails: Callable[[Failing], bool],
    shape: Callable[[Failing], Any],
    runs: int = RUNS,
) -> Shrunk:
    """Return the smallest inputs that still fail.

    ``fails`` says whether a candidate fails as the whole does; ``shape`` gives the shape of its
    result, of which cotangents are made.
    """
    search = _Search(failing, fails, runs)
    for step in (_less_asked, _plain, _shorter):
        search.repeat(step)
    best = search.best
    if best.make is not None:
        search.best = best._replace(cotangents=best.make(shape(best)))
        if not fails(search.best):
            search.best = best
    for step in (_simpler_arrays, _simpler_elements):
        search.repeat(step)
    return Shrunk(search.best, search.runs)


class _Search:
    """The best so far, and how many candidates were tried."""

    def __init__(self, best: Failing, fails: Callable[[Failing], bool], limit: int) -> None:
        self.best, self.fails, self.limit, self.runs = best, fails, limit, 0

    def repeat(self, step: Callable[[Failing], Iterable[Failing]]) -> None:
        """Take what fails of a step's candidates until none does."""
        while self._better(step):
            continue

    def _better(self, step: Callable[[Failing], Iterable[Failing]]) -> bool:
        """Go through the candidates, each made of the best so far; return whether any was better.

        A step yields again from where it was after a success, so that none is tried twice in vain.
        """
        found, skip = False, 0
        while True:
            for k, candidate in enumerate(step(self.best)):
                if k < skip:
                    continue
                if self.runs >= self.limit:
                    return False
                self.runs += 1
                if self.fails(candidate):
                    self.best, found, skip = candidate, True, k
                    break
            else:
                return found


def _less_asked(f: Failing) -> Iterator[Failing]:
    """Leave out cotangents, options and inputs."""
    if f.make is not None:
        yield f._replace(make=None)
        for k in range(f.drawn) if f.drawn > 1 else ():
            yield f._replace(make=partial(_one_of, f.make, k), drawn=1)
    for name in f.given.options:
        kept = {n: v for n, v in f.given.options.items() if n != name}
        yield f._replace(given=f.given._replace(options=kept))
    for i in range(len(f.given.inputs) - 1, 0, -1):
        if f.given.inputs[i] is not None:
            inputs = tuple(None if j == i else a for j, a in enumerate(f.given.inputs))
            yield f._replace(given=f.given._replace(inputs=inputs))


def _one_of(make: Make, k: int, shape: Any) -> list[Any]:
    return [make(shape)[k]]


def _plain(f: Failing) -> Iterator[Failing]:
    """Lay arrays out plainly."""
    for name in f.given.layouts:
        kept = {n: layout for n, layout in f.given.layouts.items() if n != name}
        yield f._replace(given=f.given._replace(layouts=kept))


def _shorter(f: Failing) -> Iterator[Failing]:
    """Shorten axes: those of one size together, with those of a multiple of it, and each alone."""
    arrays = _arrays(f.given)
    axes = [(key, axis, n) for key, a in arrays.items() for axis, n in enumerate(a.shape)]
    for size in sorted({n for _, _, n in axes if n > 1}, reverse=True):
        ties = [{(k, a): 1 for k, a, n in axes if n == size}]
        for m in MULTIPLES:
            beside = {(k, a): m for k, a, n in axes if n == m * size}
            if beside:
                ties.append({**ties[0], **beside})
        ties += [{one: 1} for one in ties[0]] if len(ties[0]) > 1 else []
        for tie in ties:
            for part in (slice(0, 1), slice(0, size // 2), slice(size // 2, size), slice(1, size)):
                yield _sliced(f, arrays, tie, part)
            yield _sliced(f, arrays, tie, slice(0, size - 1))


def _sliced(
    f: Failing, arrays: Mapping[Any, Array], tie: Mapping[Any, int], part: slice
) -> Failing:
    changed: dict[Any, Array] = {}
    for (key, axis), m in tie.items():
        a = changed.get(key, arrays[key])
        index = (*[slice(None)] * axis, slice(part.start * m, part.stop * m))
        changed[key] = np.ascontiguousarray(a[index])
    return f._replace(given=_with(f.given, changed))


def _simpler_arrays(f: Failing) -> Iterator[Failing]:
    """Replace whole arrays, and halves of them, by zeros or ones."""
    for key, a in _every(f).items():
        if a.any():
            yield _replaced(f, key, np.zeros_like(a))
        if ((a != 0) & (a != 1)).any():
            yield _replaced(f, key, np.ones_like(a))
        cuts = np.linspace(0, a.size, 5, dtype=int)
        for low, high in pairwise(cuts) if a.size > 3 else ():
            flat = a.ravel().copy()
            if flat[low:high].any():
                flat[low:high] = 0
                yield _replaced(f, key, flat.reshape(a.shape))


def _simpler_elements(f: Failing) -> Iterator[Failing]:
    """Replace single elements by zero, one, whole numbers or numbers of few digits."""
    for key, a in _every(f).items():
        if a.size > SIMPLER:
            continue
        for i in range(a.size):
            value = a.ravel()[i]
            for simple in _simple(value, integer=is_integer(a)):
                flat = a.ravel().copy()
                flat[i] = simple
                if flat[i].tobytes() != value.tobytes():
                    yield _replaced(f, key, flat.reshape(a.shape))


def _simple(value: Any, *, integer: bool) -> list[Any]:
    """Return simpler numbers than a number, the simplest first, as long as they are simpler."""
    if integer:
        return [0] if value else []
    number = float(value)
    if not np.isfinite(number):
        return [0.0, 1.0]
    with np.errstate(all="ignore"):
        mantissa, exponent = np.frexp(number)
        powers = [float(np.ldexp(np.round(mantissa * 2**k), exponent - k)) for k in (1, 3, 6)]
    found: list[float] = []
    for simple in (0.0, 1.0, float(np.sign(number)), float(np.round(number)), *powers):
        if simple == number:
            return found
        found.append(simple)
    return found


def _arrays(given: Drawn) -> dict[Any, Array]:
    """Return inputs and options that are arrays, by number or name."""
    every: dict[Any, Any] = {**dict(enumerate(given.inputs)), **given.options}
    return {key: a for key, a in every.items() if isinstance(a, np.ndarray)}


def _every(f: Failing) -> dict[Any, Array]:
    """Return all arrays; the cotangents' keys are their numbers, and their parts'."""
    dys = {
        (i, k): part
        for i, dy in enumerate(f.cotangents or ())
        for k, part in enumerate(dy if isinstance(dy, tuple) else (dy,))
    }
    return {**_arrays(f.given), **dys}


def _with(given: Drawn, changed: Mapping[Any, Array]) -> Drawn:
    return given._replace(
        inputs=tuple(changed.get(i, a) for i, a in enumerate(given.inputs)),
        options={name: changed.get(name, v) for name, v in given.options.items()},
    )


def _replaced(f: Failing, key: Any, a: Array) -> Failing:
    if not isinstance(key, tuple):
        return f._replace(given=_with(f.given, {key: a}))
    i, k = key
    dys = [*(f.cotangents or ())]
    parts = dys[i] if isinstance(dys[i], tuple) else (dys[i],)
    changed = tuple(a if j == k else part for j, part in enumerate(parts))
    dys[i] = changed if isinstance(dys[i], tuple) else changed[0]
    return f._replace(cotangents=dys)
