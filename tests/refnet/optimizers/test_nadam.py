from __future__ import annotations

import math

import numpy as np
import pytest

import refnet as rn
from tests.refnet.optimizers.following import follow

Nadam = rn.optimizers.Nadam
SLOTS = {"exp_avg": 0.0, "exp_avg_sq": 0.0}


def nadam(lr, b1, b2, eps, decay, *, hat=False):
    """Dozat's formula, the product of the mu kept from update to update."""
    product = {"w": 1.0, "b": 1.0}

    def mu(t):
        return b1 if decay is None else b1 * (1 - 0.5 * 0.96 ** (t * decay))

    def formula(t, p, g, slots):
        name = "w" if p.ndim else "b"
        product[name] *= mu(t)
        m = b1 * slots["exp_avg"] + (1 - b1) * g
        v = b2 * slots["exp_avg_sq"] + (1 - b2) * g**2
        m_hat = mu(t + 1) * m / (1 - product[name] * mu(t + 1))
        g_hat = (1 - mu(t)) * g / (1 - product[name])
        c2 = 1 - b2**t
        step = c2**0.5 / (v**0.5 + eps) if hat else 1 / ((v / c2) ** 0.5 + eps)
        return p - lr * (m_hat + g_hat) * step, {"exp_avg": m, "exp_avg_sq": v}

    return formula


@pytest.mark.parametrize("decay", [0.004, 1.0, 0.0, None])
@pytest.mark.parametrize("hat", [False, True])
def test_the_documented_formula(decay, hat):
    opt = Nadam(0.1, 0.8, 0.95, 0.01, schedule_decay=decay, eps_before_correction=hat)
    follow(opt, nadam(0.1, 0.8, 0.95, 0.01, decay, hat=hat), SLOTS)


def test_the_systems_formulas():
    follow(Nadam.like("torch"), nadam(2e-3, 0.9, 0.999, 1e-8, 0.004), SLOTS)
    follow(Nadam.like("keras"), nadam(1e-3, 0.9, 0.999, 1e-7, 1.0), SLOTS)
    follow(Nadam.like("optax", lr=1e-3), nadam(1e-3, 0.9, 0.999, 1e-8, None), SLOTS)


def test_without_momentum_it_is_rmsprop_corrected():
    follow(Nadam(0.1, beta1=0.0, eps=0.01), nadam(0.1, 0.0, 0.999, 0.01, 0.004), SLOTS)


@pytest.mark.parametrize("beta1", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("t", [1, 2, 40, 3000])
def test_the_product_of_the_mu_is_whole_where_it_shows(beta1, t):
    wanted = math.prod(beta1 * (1 - 0.5 * 0.96 ** (i * 0.004)) for i in range(1, t + 1))
    for number in (float, np.longdouble):
        _, _, product = Nadam(beta1=beta1)._schedule(t, number)
        assert type(product) is number
        assert abs(product - wanted) <= 1e-13 * wanted or product < 1e-23 > wanted


def test_resumes_at_any_step_from_its_state_alone():
    opt = Nadam(0.1)
    params = {"w": np.array([1.0, 2.0])}
    state = opt.init(params)
    for _ in range(20):
        params, state = opt.update(params, params, state)
    again = rn.optimizers.from_spec(repr(opt))
    np.testing.assert_array_equal(
        again.update(params, params, state)[0]["w"], opt.update(params, params, state)[0]["w"]
    )
