from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from tests.refnet.optimizers.following import follow

RMSProp = rn.optimizers.RMSProp


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("lr_inside", [False, True])
def test_the_documented_formula(inside, centered, momentum, lr_inside):
    opt = RMSProp(
        "time_decay(lr=0.1, decay=1.0)",
        rho=0.8,
        eps=0.01,
        momentum=momentum,
        centered=centered,
        eps_inside=inside,
        lr_inside=lr_inside,
        initial_accumulator=0.5,
    )

    def formula(t, p, g, slots):
        lr = 0.1 / t
        slots["square_avg"] = r = 0.8 * slots["square_avg"] + 0.2 * g**2
        if centered:
            slots["grad_avg"] = 0.8 * slots["grad_avg"] + 0.2 * g
            r = r - slots["grad_avg"] ** 2
        step = g / (r + 0.01) ** 0.5 if inside else g / (r**0.5 + 0.01)
        if lr_inside:
            step = lr * step
        if momentum:
            slots["momentum_buffer"] = step = momentum * slots["momentum_buffer"] + step
        return p - (step if lr_inside else lr * step), slots

    slots = {"square_avg": 0.5}
    slots |= {"momentum_buffer": 0.0} if momentum else {}
    slots |= {"grad_avg": 0.0} if centered else {}
    follow(opt, formula, slots)


def test_by_hand():
    opt = RMSProp(0.5, rho=0.75, eps=1.0, centered=True)  # s = 16, a = 2, r = 12
    params = {"w": np.array([0.0])}
    moved, state = opt.update(params, {"w": np.array([8.0])}, opt.init(params))
    np.testing.assert_allclose(moved["w"], -0.5 * 8 / (12**0.5 + 1))
    assert (state.square_avg["w"], state.grad_avg["w"]) == (16, 2)


def test_where_the_learning_rate_stands_matters_only_where_it_changes():
    def run(lr, lr_inside):
        opt = RMSProp(lr, momentum=0.9, lr_inside=lr_inside)
        params, state = {"w": np.array([1.0, -2.0])}, None
        for _ in range(5):
            state = state or opt.init(params)
            params, state = opt.update(params, params, state)
        return params["w"]

    np.testing.assert_allclose(run(0.01, True), run(0.01, False), rtol=1e-13)
    changing = "exponential(lr=0.01, factor=0.5)"
    assert not np.allclose(run(changing, True), run(changing, False), rtol=1e-3)


def test_centered_does_not_take_the_root_of_a_rounding_error():
    opt = RMSProp(1e-9, rho=0.5, centered=True)
    params = {"w": np.ones(1, np.float32)}
    grads = {"w": np.full(1, 0.3, np.float32)}
    state = opt.init(params)
    below = 0
    for _ in range(60):
        params, state = opt.update(params, grads, state)
        below += (state.square_avg["w"] < state.grad_avg["w"] ** 2).sum()
        assert np.isfinite(params["w"]).all()
    # In the end both means are the gradient's, and s - a^2 is what rounding leaves of 0.
    assert below


def test_tensorflow_1_starts_at_one_and_has_eps_inside():
    def formula(t, p, g, slots):
        s = 0.9 * slots["square_avg"] + 0.1 * g * g
        v = 0.5 * slots["momentum_buffer"] + 0.1 * g / np.sqrt(s + 1e-10)
        return p - v, {"square_avg": s, "momentum_buffer": v}

    opt = RMSProp.like("tensorflow1", lr=0.1, momentum=0.5)
    follow(opt, formula, {"square_avg": 1.0, "momentum_buffer": 0.0})
