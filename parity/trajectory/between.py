"""How far two sides of a training run are from one another where both part from refnet."""

from __future__ import annotations

import numpy as np

from parity.backends.base import Adapter
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.compare import Deviation
from parity.trajectory import lockstep
from parity.trajectory.data import load
from parity.trajectory.lockstep import LIMIT
from parity.trajectory.run import batches_of, initial_params, sides_of


def between(case: TrainingCase, dtype: str, one: Adapter, other: Adapter, seed: int) -> Deviation:
    """Return how far ``other`` is from ``one`` in the last of a case's lockstep steps.

    Each may be off by the lockstep limit. Both start that step from refnet's own plain state.
    """
    wide = oracle_dtype(dtype)
    assert wide is not None
    data = load(case.data)
    with np.errstate(all="ignore"):
        params = initial_params(case, data, dtype, seed)
        sides = sides_of(case, one, other)
        key = f"{seed}|{case.id}|{dtype}"
        batches = batches_of(case, data, seed)
        ratios = lockstep.between(sides, params, batches, dtype, wide, key, case.steps)
    worst = max(ratios, key=lambda name: ratios[name])
    outside = sum(not ratio <= 2 * LIMIT for ratio in ratios.values())
    return Deviation(
        ratio=ratios[worst] / (2 * LIMIT),
        outside=outside,
        elements=len(ratios),
        worst=f"{worst} at step {case.steps}",
    )
