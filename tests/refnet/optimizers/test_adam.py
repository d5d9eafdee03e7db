from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import OptionError
from tests.refnet.optimizers.following import follow

Adam, AdamW = rn.optimizers.Adam, rn.optimizers.AdamW
SLOTS = {"exp_avg": 0.0, "exp_avg_sq": 0.0}


def adam(lr=0.1, b1=0.8, b2=0.95, eps=0.01, root=0.0, *, hat=False, corrected=True, top=""):
    """Kingma & Ba's Algorithm 1, or with ``hat`` the order before section 2.1."""

    def formula(t, p, g, slots):
        m = b1 * slots["exp_avg"] + (1 - b1) * g
        v = b2 * slots["exp_avg_sq"] + (1 - b2) * g**2
        c1, c2 = (1 - b1**t, 1 - b2**t) if corrected else (1.0, 1.0)
        found = {"exp_avg": m, "exp_avg_sq": v}
        used = v
        if top:
            candidate = v / c2 if top == "corrected" else v
            used = found["max_exp_avg_sq"] = np.maximum(slots["max_exp_avg_sq"], candidate)
        if hat:
            return p - lr * c2**0.5 / c1 * m / ((used + root) ** 0.5 + eps), found
        v_hat = used if top == "corrected" else used / c2
        return p - lr * (m / c1) / ((v_hat + root) ** 0.5 + eps), found

    return formula


@pytest.mark.parametrize("root", [0.0, 0.02])
@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize(
    ("hat", "top"),
    [(False, ""), (True, ""), (False, "plain"), (True, "plain"), (False, "corrected")],
)
def test_the_documented_formula(root, corrected, hat, top):
    opt = Adam(
        0.1,
        0.8,
        0.95,
        0.01,
        amsgrad=bool(top),
        amsgrad_corrected=top == "corrected",
        bias_correction=corrected,
        eps_root=root,
        eps_before_correction=hat,
    )
    slots = {**SLOTS, "max_exp_avg_sq": 0.0} if top else SLOTS
    follow(opt, adam(root=root, hat=hat, corrected=corrected, top=top), slots)


def test_the_systems_formulas():
    follow(Adam.like("torch"), adam(1e-3, 0.9, 0.999, 1e-8), SLOTS)
    follow(Adam.like("keras"), adam(1e-3, 0.9, 0.999, 1e-7, hat=True), SLOTS)
    follow(Adam.like("tensorflow1"), adam(1e-3, 0.9, 0.999, 1e-8, hat=True), SLOTS)
    follow(Adam.like("optax", lr=1e-3), adam(1e-3, 0.9, 0.999, 1e-8), SLOTS)


def test_the_first_step_is_lr_whatever_the_gradient():
    opt = Adam(0.25, eps=0.0)
    params = {"w": np.array([1.0, 1.0, 1.0])}
    moved, _ = opt.update(params, {"w": np.array([1e-3, -5.0, 1e6])}, opt.init(params))
    np.testing.assert_allclose(moved["w"], [0.75, 1.25, 0.75], rtol=1e-14)


def test_a_gradient_doubled_does_not_show_in_the_parameters():
    opt = Adam(0.1, eps=0.0)
    params = {"w": np.array([1.0, -3.0])}
    runs = []
    for factor in (1.0, 2.0):
        p, state = params, opt.init(params)
        for t in range(1, 5):
            p, state = opt.update(p, {"w": factor * t * params["w"]}, state)
        runs.append((p["w"], state.exp_avg["w"]))
    np.testing.assert_allclose(runs[0][0], runs[1][0], rtol=1e-13)
    np.testing.assert_allclose(2 * runs[0][1], runs[1][1], rtol=1e-13)


def test_adamw_decays_by_lr_times_weight_decay_and_not_through_the_means():
    plain = adam(0.1, 0.9, 0.999, 1e-8)

    def formula(t, p, g, slots):
        return plain(t, p - 0.1 * 0.3 * p, g, slots)

    follow(AdamW(0.1, weight_decay=0.3), formula, SLOTS)
    assert AdamW() == Adam(weight_decay=0.01, decay_kind="decoupled")
    assert AdamW.like("keras").weight_decay == 0.004


def test_beta2_near_one_keeps_its_correction_in_longdouble():
    beta2 = 1 - 2.0**-50
    opt = Adam(1.0, beta2=beta2, eps=0.0)
    params = {"w": np.ones(1, np.longdouble)}
    moved, _ = opt.update(params, params, opt.init(params))
    np.testing.assert_allclose(moved["w"].astype(float), [0.0], atol=1e-15)


def test_the_numbers_of_longdouble_parameters_are_rounded_to_longdouble():
    number = np.longdouble
    b1, b2 = number(0.9), number(0.999)
    p, g, m, v = (np.full(3, x, np.longdouble) for x in (1, 0.3, 0, 0))
    params, opt = {"w": p}, Adam(0.1, eps=1e-3)
    state = opt.init(params)
    for t in range(1, 5):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        p = p - number(0.1) * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + number(1e-3))
        params, state = opt.update(params, {"w": g}, state)
        assert (abs(params["w"] - p) <= 8 * np.finfo(np.longdouble).eps).all()


@pytest.mark.parametrize(
    "options",
    [
        {"amsgrad_corrected": True},
        {"amsgrad": True, "amsgrad_corrected": True, "eps_before_correction": True},
    ],
)
def test_refuses_contradictions(options):
    with pytest.raises(OptionError, match="Adam: got amsgrad_corrected=True"):
        Adam(**options)
