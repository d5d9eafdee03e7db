from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from tests.refnet.optimizers.following import follow

AdaMax = rn.optimizers.AdaMax


@pytest.mark.parametrize("in_maximum", [True, False])
def test_the_documented_formula(in_maximum):
    def formula(t, p, g, slots):
        m = 0.8 * slots["exp_avg"] + 0.2 * g
        if in_maximum:
            u = np.maximum(0.9 * slots["exp_inf"], abs(g) + 0.05)
            return p - 0.1 * m / (1 - 0.8**t) / u, {"exp_avg": m, "exp_inf": u}
        u = np.maximum(0.9 * slots["exp_inf"], abs(g))
        return p - 0.1 * m / (1 - 0.8**t) / (u + 0.05), {"exp_avg": m, "exp_inf": u}

    opt = AdaMax(0.1, 0.8, 0.9, 0.05, eps_in_maximum=in_maximum)
    follow(opt, formula, {"exp_avg": 0.0, "exp_inf": 0.0})


def test_the_first_step_is_lr():
    opt = AdaMax(0.5, eps=0.0)
    params = {"w": np.array([1.0, 1.0])}
    moved, state = opt.update(params, {"w": np.array([-4.0, 1e-9])}, opt.init(params))
    np.testing.assert_allclose(moved["w"], [1.5, 0.5], rtol=1e-14)
    np.testing.assert_array_equal(state.exp_inf["w"], [4.0, 1e-9])


def test_keras_adds_eps_to_the_maximum():
    assert AdaMax.like("keras") == AdaMax(
        1e-3, eps=1e-7, eps_in_maximum=False, decay_kind="decoupled"
    )
    assert AdaMax.like("optax", lr=2e-3) == AdaMax.like("torch") == AdaMax()
