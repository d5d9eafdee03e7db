"""Training runs of several implementations, each of which follows its own state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from parity.backends import adapter
from parity.backends.base import Array, Step, Trainer, Values, cast_values
from parity.trajectory.data import Batch, in_dtype


class Model(NamedTuple):
    """A model with its optimizer, by the names that adapters know."""

    name: str
    options: Mapping[str, Any]
    optimizer: str
    optimizer_options: Mapping[str, Any]

    def on(self, spec: str) -> Trainer:
        """Return it as an implementation has it.

        Raises
        ------
        AbsentError
            If the implementation is not installed.
        """
        make = adapter(spec).trainers()[self.name]
        return make(self.options, self.optimizer, self.optimizer_options)


def steps(
    trainer: Trainer, params: Values, batch_at: Callable[[int], Batch], dtype: str
) -> Iterator[Step]:
    """Yield one update after the other, without end, from ``params`` on; all of it in ``dtype``."""
    params = cast_values(params, dtype)
    slots = trainer.slots(params)
    for done in count():
        step = trainer.step(params, slots, done, *in_dtype(batch_at(done), dtype))
        yield step
        params, slots = step.params, step.slots


def classified(trainer: Trainer, params: Values, x: Array, labels: Array) -> float:
    """Return the share of samples whose largest score is at their label."""
    dtype = next(iter(params.values())).dtype
    return float(np.mean(trainer.predict(params, x.astype(dtype)).argmax(axis=-1) == labels))


def versions(*specs: str) -> dict[str, str]:
    """Return the versions of packages that implementations use."""
    found: dict[str, str] = {}
    for spec in specs:
        found |= {name: v for name, v in adapter(spec).versions().items() if " " not in name}
    return found
