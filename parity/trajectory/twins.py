"""Twins: refnet's own steps with everything moved by one ulp at random.

How far twins come apart is how far rounding alone can carry a step: the scale on which another
implementation's differences are judged (stochastic arithmetic, after Vignes 1993 and Parker 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import numpy as np

import refnet as rn
from parity.backends.base import Array, Step, Trainer, Values
from parity.inputs import words
from parity.trajectory.data import Batch


class TwinError(ArithmeticError):
    """A twin that left the finite numbers: the step has no scale to be judged on."""


# Floats of one sign are ordered as the integers of their bits are: the next one is one away.
_BITS = {np.dtype(f"f{n}"): np.dtype(f"i{n}") for n in (2, 4, 8)}
DRAWN = 128  # words of 64 bits that are drawn at a time


class Mover:
    """Moves arrays by one ulp, each element up or down by a bit of its own; zeros stay.

    The bits come from PCG64's raw stream, whose values NumPy promises to keep.
    """

    def __init__(self, key: str) -> None:
        self._stream = np.random.PCG64(int(words(key, 1)[0]))
        self._drawn = np.empty(0, np.int8)  # +1 and -1, those from _used on to be used yet
        self._used = 0

    def __call__(self, a: Array) -> Array:
        """Return the array moved, a new one; integers as they are."""
        if a.dtype.kind != "f":
            return a
        if not np.isfinite(a).all():
            raise TwinError("a twin's step met a value that is not finite")
        bits = _BITS.get(a.dtype)
        if bits is None:
            away = self._directions(a) * a.dtype.type(np.inf)
            return np.where(a == 0, a, np.nextafter(a, away))
        moved = a.view(bits) + self._directions(a) * (a != 0)
        return np.asarray(moved.view(a.dtype))

    def values(self, values: Values) -> Values:
        """Return every array of a dict moved."""
        return self.tables([values])[0]

    def tables(self, tables: Sequence[Values]) -> list[Values]:
        """Return every array of several dicts moved, all of them at once."""
        arrays = [a for table in tables for a in table.values()]
        if len({a.dtype for a in arrays}) > 1:
            return [{name: self(a) for name, a in table.items()} for table in tables]
        moved = self(np.concatenate([a.ravel() for a in arrays]))
        ends = list(accumulate(a.size for a in arrays))
        parts = iter(moved[end - a.size : end] for a, end in zip(arrays, ends, strict=True))
        return [{name: next(parts).reshape(a.shape) for name, a in t.items()} for t in tables]

    def _directions(self, a: Array) -> Array:
        """Return +1 or -1 for each element, as int8."""
        start, self._used = self._used, self._used + a.size
        if self._used > len(self._drawn):
            raw = self._stream.random_raw(max(DRAWN, -(-a.size // 64))).astype("<u8")
            self._drawn = 2 * np.unpackbits(raw.view(np.uint8)).view(np.int8) - np.int8(1)
            start, self._used = 0, a.size
        return self._drawn[start : self._used].reshape(a.shape)


def twin_step(
    trainer: Trainer,
    mover: Mover,
    params: Values,
    slots: dict[str, Values],
    done: int,
    batch: Batch,
) -> Step:
    """Return refnet's step with state, batch and the result of every operation moved.

    So is what operations pass through ``intermediate`` on the way to a result: where something is
    taken from nearly the same, an ulp of the result is less than what rounding does to it. Masks
    are not, and neither are targets of 0 and 1: they say which units and classes there are,
    and there may be no probability beyond.
    """
    x, t, *masks = batch
    moved, *tables = mover.tables([params, *slots.values()])
    moved_slots = dict(zip(slots, tables, strict=True))
    moved_t = uncertain_moved(mover, t)
    with every_result_moved(mover):
        return trainer.step(moved, moved_slots, done, mover(x), moved_t, *masks)


def uncertain_moved(mover: Mover, t: Array) -> Array:
    """Return targets moved, but for those of 0 and 1."""
    certain = (t == 0) | (t == 1)
    return t if certain.all() else np.where(certain, t, mover(t))


@contextmanager
def every_result_moved(mover: Mover) -> Iterator[None]:
    """Move the result of every operation of refnet's in the block, and what cancels inside them."""

    def moved(name: str, result: Any) -> Any:  # noqa: ARG001
        return mover(result)

    with rn.intercepted(moved, inside=mover):
        yield
