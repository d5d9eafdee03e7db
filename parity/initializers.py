"""Cells of initializers: samples of subject and backend against the formula."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from parity.backends.base import Adapter, Array
from parity.bounds.base import arithmetic
from parity.bounds.initializers import distribution, shares
from parity.case import InitializerCase
from parity.cells import Measured, blamed, both
from parity.compare import Deviation
from parity.inputs import words


def run_initializer(
    case: InitializerCase, dtype: str, subject: Adapter, backend: Adapter, seed: int
) -> Measured:
    """Return how far a sample of each side is from the stated distribution."""
    seeds = [int(w >> np.uint64(32)) for w in words(f"{seed}|{case.id}", case.draws)]

    def run(adapter: Adapter, _: None) -> list[Array]:
        draw = adapter.initializers()[case.op]
        return [draw(case.shape, dtype, s, **case.options) for s in seeds]

    _, *samples = both(subject, backend, lambda: None, run)
    mine, theirs = (
        blamed(adapter.name, partial(_deviation, case, dtype, sample))
        for adapter, sample in zip((subject, backend), samples, strict=True)
    )
    return Measured(mine, theirs, rtol=None, elements=case.draws * math.prod(case.shape))


def _deviation(case: InitializerCase, dtype: str, drawn: list[Array]) -> Deviation:
    n = case.draws * math.prod(case.shape)
    for a in drawn:
        if a.shape != case.shape or a.dtype != np.dtype(dtype):
            what = f"a sample {a.shape} of {a.dtype} instead of {case.shape} of {dtype}"
            return Deviation(ratio=math.inf, mismatches=n, elements=n, worst=what)
    sample = np.stack(drawn)
    d = distribution(case.op, case.shape, case.options)
    if d is None:
        wanted = np.dtype(dtype).type(case.options.get("value", 0.0))
        gap = float(np.abs(sample.astype(np.float64) - float(wanted)).max())
        return Deviation(
            max_abs=gap,
            ratio=math.inf if gap else 0.0,
            outside=int((sample != wanted).sum()),
            elements=n,
            worst=f"values off {float(wanted):g} by up to {gap:g}",
        )
    found = shares(sample, d, arithmetic(dtype).u)
    name, ratio = max(found.shares.items(), key=lambda item: item[1])
    return Deviation(
        max_abs=found.gap,
        max_rel=found.gap / d.std,
        ratio=ratio,
        outside=n if ratio > 1 else 0,
        elements=n,
        worst=f"the sample's {name} uses {ratio:.3g} of its limit; "
        f"mean {float(sample.mean()):.6g} (expected {d.mean:.6g}), "
        f"std {float(sample.astype(np.float64).std()):.6g} (expected {d.std:.6g})",
    )
