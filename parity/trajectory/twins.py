"""Twins: refnet's own steps with everything moved by one ulp at random.

How far twins come apart is how far rounding alone can carry a step: the scale on which another
implementation's differences are judged (stochastic arithmetic, after Vignes 1993 and Parker 1997).
"""

from __future__ import annotations

from collections.abc import Callable
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
        return {name: self(a) for name, a in values.items()}

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

    Masks are not: they say which units there are.
    """
    x, t, *masks = batch
    moved_slots = {name: mover.values(values) for name, values in slots.items()}
    with rn.intercepted(_moving(mover)):
        return trainer.step(mover.values(params), moved_slots, done, mover(x), mover(t), *masks)


def _moving(mover: Mover) -> Callable[[str, Array], Array]:
    def moved(name: str, result: Any) -> Any:  # noqa: ARG001
        return mover(result)

    return moved
