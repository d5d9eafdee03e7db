from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from tests.refnet.optimizers.following import follow

AdaDelta = rn.optimizers.AdaDelta


@pytest.mark.parametrize(
    ("lr", "rho", "eps"), [(1.0, 0.9, 1e-6), (0.3, 0.0, 0.1), (0.001, 0.95, 1e-8)]
)
def test_the_documented_formula(lr, rho, eps):
    def formula(t, p, g, slots):
        s = rho * slots["square_avg"] + (1 - rho) * g**2
        d = g * ((slots["acc_delta"] + eps) / (s + eps)) ** 0.5
        a = rho * slots["acc_delta"] + (1 - rho) * d**2
        return p - lr * d, {"square_avg": s, "acc_delta": a}

    follow(AdaDelta(lr, rho, eps), formula, {"square_avg": 0.0, "acc_delta": 0.0})


def test_by_hand():
    opt = AdaDelta(2.0, rho=0.75, eps=9.0)  # s = 16, d = 3 / 5 * 8
    params = {"w": np.array([1.0])}
    moved, state = opt.update(params, {"w": np.array([8.0])}, opt.init(params))
    np.testing.assert_allclose(moved["w"], 1 - 2 * 4.8)
    np.testing.assert_allclose(state.acc_delta["w"], 4.8**2 / 4)


def test_the_sources_numbers():
    assert AdaDelta.like("ann_box") == AdaDelta(0.001, 0.95, 1e-8)
    assert AdaDelta.like("torch") == AdaDelta()
