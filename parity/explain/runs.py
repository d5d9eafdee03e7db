"""A training case's run on one side, written down to be explained, and read back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from parity.backends.base import Adapter, Values
from parity.case import TrainingCase
from parity.explain.counterfactuals import Reading, as_given
from parity.trace import Recorder, names
from parity.trajectory.data import in_dtype, load
from parity.trajectory.run import batches_of, initial_params, trainer


def record(
    case: TrainingCase,
    side: Adapter,
    dtype: str,
    path: str | os.PathLike[str],
    *,
    seed: int = 0,
    steps: int,
    start: Values | None = None,
    reading: Reading = as_given,
) -> None:
    """Write the free run of one implementation: every tensor of every step.

    The recording says which case, dtype and seed it is of, so that :func:`parity.explain.explain`
    can run refnet beside it. ``start`` and ``reading`` take the place of the case's initial values
    and of its batches.
    """
    data = load(case.data)
    params = initial_params(case, data, dtype, seed) if start is None else start
    batches = batches_of(case, data, seed)
    made = trainer(case, side)
    slots = made.slots(params)
    info: dict[str, Any] = {
        "case": case.id,
        "seed": seed,
        "dtype": dtype,
        "side": side.name,
        "optimizer": case.optimizer,
        "options": dict(case.optimizer_options),
        "versions": dict(side.versions()),
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Recorder(path, overwrite=True, **info) as recorder, np.errstate(all="ignore"):
        recorder.write(0, names.named(slots=slots, parameters=params))
        for done in range(steps):
            batch = in_dtype(reading(batches, done), dtype)
            taken = made.step(params, slots, done, *batch)
            params, slots = taken.params, taken.slots
            x, t, *masks = batch
            recorder.write(
                done + 1,
                names.named(
                    batch={"x": x, "t": t},
                    masks=masks[0] if masks else None,
                    branches=taken.branches,
                    loss=taken.loss,
                    gradients=taken.grads,
                    slots=slots,
                    parameters=params,
                ),
            )
