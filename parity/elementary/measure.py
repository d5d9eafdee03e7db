"""Measure refnet and PyTorch on the numbers of a half type: errors in ulp, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.backends import adapter
from parity.elementary.functions import FUNCTIONS, Elementary
from parity.elementary.rounding import Placed, exactly

Array = NDArray[Any]

COUNT = 65_536  # bit patterns of a half type
SIDES = ("refnet", "torch")


class Difference(NamedTuple):
    """Results that differ in one way: what should be, what is got, and at how many inputs."""

    exact: str
    got: str
    inputs: int
    low: float
    high: float


class Side(NamedTuple):
    """One implementation: its largest error in ulp, where it is, and how many results are right.

    A result differs in kind if it or the exact value is NaN or infinite, and the other is not the
    same. ``zeros`` are those of another sign than refnet's where the exact value is 0; they count
    as right.
    """

    worst: float
    at: float
    right: int
    kinds: tuple[Difference, ...]
    zeros: tuple[Difference, ...]

    @property
    def differing(self) -> int:
        """Results that differ in kind."""
        return sum(d.inputs for d in self.kinds)


class Task(NamedTuple):
    """What a row is about: a function, by its name, or its derivative, and at which numbers."""

    name: str
    dtype: str
    derivative: bool = False
    every: int = 1

    @property
    def function(self) -> Elementary:
        """The function of that name."""
        return FUNCTIONS[self.name]


class Row(NamedTuple):
    """A function or its derivative in one dtype: the inputs it was evaluated at, and both sides.

    Derivatives leave NaN out: what they are there is a convention.
    """

    task: Task
    inputs: int
    sides: Mapping[str, Side]


def numbers(dtype: str, every: int = 1) -> Array:
    """Return the numbers of a half type, NaN by each of its bit patterns.

    With ``every`` above 1, a part of them: each so-manieth, both zeros, both infinities and a NaN.

    Examples
    --------
    >>> numbers("float16").shape
    (65536,)
    """
    everything = np.arange(COUNT, dtype=np.uint16).view(dtype)
    wide = widened(everything)
    chosen = (np.arange(COUNT) % every == 0) | (wide == 0) | np.isinf(wide)
    chosen[np.isnan(wide).argmax()] = True
    return np.asarray(everything[chosen])


def measure(task: Task) -> Row:
    """Evaluate a function, or its derivative, exactly and by both implementations."""
    x = numbers(task.dtype, task.every)
    if task.derivative:
        x = x[~np.isnan(widened(x))]
    wide = widened(x)
    f = task.function.derivative if task.derivative else task.function.value
    exact = exactly(f, wide.tolist(), task.dtype)
    got = {side: evaluated(side, task, x) for side in SIDES}
    sides = {side: compared(wide, exact, y, got["refnet"]) for side, y in got.items()}
    return Row(task, len(x), sides)


def evaluated(side: str, task: Task, x: Array) -> Array:
    """Return what one implementation gives at x, as float64."""
    cotangents = [np.ones_like(x)] if task.derivative else None
    with np.errstate(all="ignore"):
        done = adapter(side).run(task.function.op, [x], task.function.options, cotangents)
    found: Any = done.y if done.cotangents is None else done.cotangents[0][0]
    assert found.dtype == x.dtype
    return widened(found)


def widened(a: Array) -> Array:
    """Return numbers of a half type as float64, without a warning of signalling NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray(a.astype(np.float64))


def compared(x: Array, exact: Placed, got: Array, refnet: Array) -> Side:
    """Compare an implementation's results at x with the exact values."""
    right = (exact.rounded == got) | (np.isnan(exact.rounded) & np.isnan(got))
    finite = np.isfinite(exact.rounded) & np.isfinite(got)
    error = np.where(finite, exact.error(got), 0)
    worst = int(error.argmax())
    zeros = exact.zero & (got == 0) & (np.signbit(got) != np.signbit(refnet))
    return Side(
        float(error[worst]),
        float(x[worst]),
        int(right.sum()),
        _differences(x, exact.rounded + 0.0, got, ~right & ~finite),  # -0 + 0 is +0
        _differences(x, refnet, got, zeros),
    )


def _differences(x: Array, exact: Array, got: Array, where: Array) -> tuple[Difference, ...]:
    """Return the results at ``where``, grouped by what they are and should be."""
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for i in np.flatnonzero(where):
        groups.setdefault((_kind(exact[i]), _kind(got[i]), bool(np.isnan(x[i]))), []).append(int(i))
    return tuple(
        Difference(_word(exact[g]), _word(got[g]), len(g), float(x[g].min()), float(x[g].max()))
        for g in groups.values()
    )


def _kind(v: float) -> str:
    return "finite" if np.isfinite(v) and v else f"{v:g}"


def _word(values: Array) -> str:
    """Return the value that all have, or what they have in common."""
    return f"{values[0]:.6g}" if len(set(map(repr, values.tolist()))) == 1 else _kind(values[0])
