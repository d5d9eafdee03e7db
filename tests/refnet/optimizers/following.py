"""An optimizer beside a formula that is written out again, update by update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Formula = Callable[..., tuple[Any, dict[str, Any]]]


def follow(opt: Any, formula: Formula, slots: Mapping[str, float], steps: int = 6) -> None:
    """Compare every parameter and slot after each update with those of a formula.

    ``formula`` takes t = 1, 2, ..., p, g and a dict of the slots, and returns p and that dict.
    ``slots`` are those in use, with the values that they start at.
    """
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((2, 3)), "b": np.array(rng.standard_normal())}
    state = opt.init(params)
    wanted = dict(params)
    kept = {k: {s: np.full(p.shape, v) for s, v in slots.items()} for k, p in params.items()}
    for t in range(1, steps + 1):
        grads = {k: np.asarray(rng.standard_normal(p.shape)) for k, p in params.items()}
        params, state = opt.update(params, grads, state)
        assert state.step == t
        for name in params:
            wanted[name], kept[name] = formula(t, wanted[name], grads[name], kept[name])
            np.testing.assert_allclose(params[name], wanted[name], rtol=1e-12, atol=1e-14)
            assert params[name].shape == grads[name].shape
        for slot in state._fields[1:]:
            assert getattr(state, slot).keys() == (params.keys() if slot in slots else set())
            for name, v in getattr(state, slot).items():
                np.testing.assert_allclose(v, kept[name][slot], rtol=1e-12, atol=1e-14)
