"""A training case's run on one side, written down to be explained, and read back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from parity.backends import adapter
from parity.case import TrainingCase
from parity.trace import Recorder, names
from parity.trajectory.data import in_dtype, load
from parity.trajectory.run import batches_of, initial_params, trainer


def record(
    case: TrainingCase,
    spec: str,
    dtype: str,
    path: str | os.PathLike[str],
    *,
    seed: int = 0,
    steps: int,
) -> None:
    """Write the free run of one implementation: every tensor of every step.

    The recording says which case, dtype and seed it is of, so that :func:`parity.explain.explain`
    can run refnet beside it.
    """
    data = load(case.data)
    params = initial_params(case, data, dtype, seed)
    batches = batches_of(case, data, seed)
    side = adapter(spec)
    made = trainer(case, side)
    slots = made.slots(params)
    info: dict[str, Any] = {
        "case": case.id,
        "seed": seed,
        "dtype": dtype,
        "side": spec,
        "optimizer": case.optimizer,
        "options": dict(case.optimizer_options),
        "versions": dict(side.versions()),
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Recorder(path, overwrite=True, **info) as recorder, np.errstate(all="ignore"):
        recorder.write(0, names.named(slots=slots, parameters=params))
        for done in range(steps):
            batch = in_dtype(batches.at(done), dtype)
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
