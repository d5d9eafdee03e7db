"""What the optimizers' bounds share: scalars that cancel, clipping, decay."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from parity.bounds import sgd, updates
from parity.bounds.base import arithmetic
from parity.bounds.running import Running, exact
from parity.bounds.updates import At, blended

PLAIN = {
    "momentum": 0.0,
    "lr_inside": False,
    "lookahead": False,
    "clip": None,
    "weight_decay": 0.0,
    "decay_kind": "l2",
    "lr": 1.0,
}


def at(t=1, dtype="float64", **options):
    one = np.longdouble(1)
    a = arithmetic(dtype, dtype)
    return At(a, t, exact(np.asarray(0.1 * one)), {**PLAIN, **options}, one)


@pytest.mark.parametrize("beta", [0.3, 0.9, 0.999, 0.99999])
def test_corrections_cancel_and_the_limit_says_by_how_much(beta):
    mpmath.mp.prec = 200
    worst = 0.0
    for t in range(1, 200):
        limit = at(t).correction(beta)
        exactly = 1 - mpmath.mpf(beta) ** t
        gap = abs(float(mpmath.mpf(1 - beta**t) - exactly))
        assert gap <= limit.e
        worst = max(worst, gap / limit.e)
    assert worst > 0.05
    # With beta near 1 the difference keeps few of the digits, but for the first, which is exact.
    small = at(2).correction(0.99999)
    assert small.e / small.v > 1e4 * updates.U64 / 2
    assert at(1).correction(0.99999).e <= updates.U64 * 1e-4


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("form", ["sum", "interpolation"])
def test_averages_in_either_form(beta, form, rng):
    m, g = rng.standard_normal((2, 3000)).astype(np.float32)
    m[:1000], keep, take = -g[:1000] * 3, np.float32(beta), np.float32(1 - beta)
    if form == "sum":
        computed = keep * m + take * g
    else:  # from the nearer end
        computed = m + take * (g - m) if beta >= 0.5 else g - keep * (g - m)
    wide_m, wide_g = m.astype(float), g.astype(float)
    here = at(dtype="float32")._replace(one=np.float64(1))
    limit = blended(here, exact(wide_m), exact(wide_g), beta)
    np.testing.assert_allclose(limit.v, beta * wide_m + (1 - beta) * wide_g, atol=1e-14)
    assert (np.abs(computed - limit.v) <= limit.e).all()


def limits(options, p, g, dtype="float32"):
    found = sgd.limits(dtype, {"w": p}, [{"w": g}], {**PLAIN, **options})
    return found[0].params["w"]


def test_a_clipped_gradient_is_the_limit_and_any_other_exact():
    g = np.array([0.1, 0.5, 3.0, -7.0])
    clip = rn.optimizers.ClipByValue(0.5)
    found = updates._clipped(at(clip=clip), {"w": exact(g)})["w"]
    np.testing.assert_array_equal(found.v, [0.1, 0.5, 0.5, -0.5])
    np.testing.assert_array_equal(found.e > 0, [False, True, True, True])


def test_a_norm_below_its_limit_leaves_the_gradients_exact():
    clip = rn.optimizers.ClipByGlobalNorm(5.0)
    grads = {"w": exact(np.array([3.0])), "b": exact(np.array([3.9]))}
    assert updates._clipped(at(clip=clip), grads) is grads
    found = updates._clipped(at(clip=clip), {**grads, "b": exact(np.array([4.1]))})
    assert all((x.e > 0).all() for x in found.values())
    assert found["w"].v[0] == pytest.approx(15 / np.hypot(3, 4.1))


def test_the_sign_of_a_parameter_in_doubt():
    p = Running(np.array([1e-9, 1.0, 0.0]), np.array([1e-8, 1e-8, 0.0]))
    here = at(weight_decay=0.5, decay_kind="l1")
    _, g = updates._decayed(here, p, exact(np.ones(3)))
    assert g.e[0] >= 1.0  # 2 weight_decay
    assert g.e[1] < 1e-9
    assert g.e[2] == 0


def test_an_update_of_nothing_is_exact():
    p = np.array([1.0, -2.0])
    assert not limits({}, p, np.zeros(2)).any()
    assert not limits({"lr": 0.0}, p, np.ones(2)).any()
    assert limits({}, p, np.ones(2)).all()


def test_the_rate_of_a_schedule_is_known_but_for_roundings():
    schedule = rn.optimizers.Cosine(0.1, steps=50)
    for done in (0, 1, 25, 49):
        rate = updates._rate(schedule, done, np.longdouble)
        exactly = mpmath.mpf(0.1) * (1 + mpmath.cos(mpmath.pi * done / 50)) / 2
        assert abs(float(mpmath.mpf(float(rate.v)) - exactly)) <= rate.e
        assert rate.e < 1e-14
    assert updates._rate(0.3, 5, np.longdouble).e == 0
