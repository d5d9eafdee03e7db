from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from tests.refnet.optimizers.following import follow

AdaGrad = rn.optimizers.AdaGrad


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("lr_decay", [0.0, 0.3])
@pytest.mark.parametrize("start", [0.0, 0.1])
def test_the_documented_formula(inside, lr_decay, start):
    opt = AdaGrad(0.2, eps=0.01, eps_inside=inside, initial_accumulator=start, lr_decay=lr_decay)

    def formula(t, p, g, slots):
        total = slots["sum"] + g**2
        root = (total + 0.01) ** 0.5 if inside else total**0.5 + 0.01
        return p - 0.2 / (1 + (t - 1) * lr_decay) * g / root, {"sum": total}

    follow(opt, formula, {"sum": start})


def test_by_hand():
    opt = AdaGrad(1.0, eps=1.0, initial_accumulator=7.0)  # sqrt(7 + 9) + 1 = 5
    params = {"w": np.array([2.0])}
    moved, state = opt.update(params, {"w": np.array([3.0])}, opt.init(params))
    assert (moved["w"], state.sum["w"]) == (2 - 3 / 5, 16)


@pytest.mark.parametrize(
    ("system", "eps"), [("tensorflow1", 0.0), ("ann_box", 0.0), ("scratch_notes", 1e-7)]
)
def test_the_systems_formulas(system, eps):
    opt = AdaGrad.like(system, lr=0.5)
    start = 0.0 if system == "scratch_notes" else 0.1

    def formula(t, p, g, slots):
        total = slots["sum"] + g * g
        return p - 0.5 * g / (np.sqrt(total) + eps), {"sum": total}

    follow(opt, formula, {"sum": start})


def test_without_eps_a_gradient_that_was_always_0_is_nan():
    opt = AdaGrad(1.0, eps=0.0)
    params = {"w": np.zeros(1)}
    with np.errstate(invalid="ignore"):
        moved, _ = opt.update(params, params, opt.init(params))
    assert np.isnan(moved["w"])
