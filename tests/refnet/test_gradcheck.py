from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError

FUNCTIONS = [
    (lambda x: np.sin(x).sum(), np.cos),
    (lambda x: np.exp(x).sum(), np.exp),
    (lambda x: (x**5).sum(), lambda x: 5 * x**4),
    (lambda x: np.log(1 + x * x).sum(), lambda x: 2 * x / (1 + x * x)),
    (lambda x: 3 * x.sum(), lambda x: np.full_like(x, 3)),
]


@pytest.mark.parametrize(("f", "slope"), FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_central_differences_know_their_own_error(f, slope, dtype):
    x = np.linspace(-3, 3, 25).astype(dtype)
    noise = 25 * 250 * np.finfo(dtype).eps  # 25 terms of up to 3^5
    found = rn.central_differences(f, x, noise=float(noise))
    gap = np.abs(found.gradient - slope(x))
    assert (gap <= found.error).all()
    # The estimate is an estimate and not a blank cheque.
    assert (found.error <= 1e-5 * (1 + np.abs(slope(x)))).all()


@pytest.mark.parametrize(("f", "slope"), FUNCTIONS)
def test_complex_step_is_exact_to_rounding(f, slope):
    x = np.linspace(-3, 3, 25)
    np.testing.assert_allclose(rn.complex_step(f, x), slope(x), rtol=1e-14, atol=1e-15)


def test_a_given_step():
    found = rn.central_differences(lambda x: (x**2).sum(), np.array([3.0]), h=0.5)
    assert found.gradient == 6


def test_a_wrong_vjp_is_found(monkeypatch):
    x = np.array([0.3, -0.7])
    for method in ("central", "complex"):
        assert rn.gradcheck(rn.tanh, x, rng=np.random.default_rng(0), method=method).ok
    monkeypatch.setattr(rn.tanh, "_vjp_rule", lambda dy, x, *, y: (dy * (1 - 1.00001 * y * y),))
    for method in ("central", "complex"):
        assert not rn.gradcheck(rn.tanh, x, rng=np.random.default_rng(0), method=method).ok


def test_the_argument_is_not_touched():
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    rn.central_differences(lambda v: (v**2).sum(), x)
    rn.complex_step(lambda v: (v**2).sum(), x)


def test_scalars_and_empty_arrays():
    assert rn.central_differences(lambda x: x**2, np.array(3.0)).gradient == pytest.approx(6)
    assert rn.complex_step(lambda x: x**2, np.array(3.0)) == 6
    assert rn.central_differences(lambda x: x.sum(), np.ones(0)).gradient.shape == (0,)


def test_refuses():
    with pytest.raises(DtypeError, match="noise"):
        rn.central_differences(lambda x: x.sum(), np.ones(2, np.float32))
    with pytest.raises(DtypeError, match="complex_step"):
        rn.complex_step(lambda x: x.sum(), np.ones(2, np.float16))
    with pytest.raises(ShapeError, match=r"\.sum\(\)"):
        rn.central_differences(lambda x: x, np.ones(2))
    for h in (0.0, -1.0, np.nan, True):
        with pytest.raises(OptionError, match="h="):
            rn.central_differences(lambda x: x.sum(), np.ones(2), h=h)
    with pytest.raises(OptionError, match="noise="):
        rn.central_differences(lambda x: x.sum(), np.ones(2), noise=-1.0)
    with pytest.raises(OptionError, match="'central', 'complex'"):
        rn.gradcheck(rn.tanh, np.ones(2), rng=np.random.default_rng(0), method="forward")


@pytest.mark.parametrize("offset", [1e2, 1e4, 1e6])
def test_correct_operations_pass_far_from_zero(offset):
    x = offset + np.arange(3) / 1024
    for op in (rn.softmax, rn.log_softmax, rn.tanh):
        assert rn.gradcheck(op, x, rng=np.random.default_rng(0)).ok


@pytest.mark.parametrize("scale", [20.0, 300.0, 1000.0])
def test_complex_step_passes_where_functions_saturate(scale):
    x = scale * np.array([1.0, -0.9, 0.3])
    for op in (rn.sigmoid, rn.tanh, rn.softmax):
        assert rn.gradcheck(op, x, rng=np.random.default_rng(0), method="complex").ok


def test_richardson_is_of_fourth_order():
    # The error of D(h) alone is h^2 f''' / 6; of the combination, of order h^4.
    x, h = np.array([0.7]), 0.1
    found = rn.central_differences(lambda v: np.sin(v).sum(), x, h)
    plain = (np.sin(0.7 + h) - np.sin(0.7 - h)) / (2 * h)
    assert abs(found.gradient[0] - np.cos(0.7)) < 1e-3 * abs(plain - np.cos(0.7))
    assert abs(found.gradient[0] - np.cos(0.7)) < found.error[0]


def test_lists_are_arrays_and_a_seed_is_no_generator():
    assert rn.gradcheck(rn.tanh, [0.5, 1.0], rng=np.random.default_rng(0)).ok
    with pytest.raises(rn.DtypeError, match="rng"):
        rn.gradcheck(rn.tanh, np.ones(2), rng=3)


@pytest.mark.parametrize("value", [None, "a", 1j])
def test_f_returns_a_real_number(value):
    with pytest.raises(rn.DtypeError, match="from f"):
        rn.central_differences(lambda x: value, np.ones(1))


@pytest.mark.parametrize(
    "rule",
    [
        lambda dy, a, b, **_: (dy, None),
        lambda dy, a, b, **_: (dy, dy[0]),
        lambda dy, a, b, **_: (dy, dy[np.newaxis]),
        lambda dy, a, b, **_: (dy, dy.astype(np.float32)),
        lambda dy, a, b, **_: (dy, dy.astype(complex)),
    ],
)
def test_a_cotangent_that_is_no_cotangent_is_found(monkeypatch, rule):
    x = np.array([0.3, -0.7])
    assert rn.gradcheck(rn.add, x, x, rng=np.random.default_rng(0)).ok
    monkeypatch.setattr(rn.add, "_vjp_rule", rule)
    for method in ("central", "complex"):
        found = rn.gradcheck(rn.add, x, x, rng=np.random.default_rng(0), method=method)
        assert not found.ok
        assert found.gap["b"] == np.inf
        assert found.allowed["b"] == 0
        assert found.gap["a"] < 1e-6


def test_a_cotangent_of_integers_is_found(monkeypatch):
    logits, labels = np.array([[0.3, -0.7]]), np.array([1])
    rule = rn.softmax_cross_entropy._vjp_rule
    monkeypatch.setattr(
        rn.softmax_cross_entropy,
        "_vjp_rule",
        lambda *args, **kw: (rule(*args, **kw)[0], np.ones(1)),
    )
    found = rn.gradcheck(rn.softmax_cross_entropy, logits, labels, rng=np.random.default_rng(0))
    assert not found.ok
    assert found.gap["labels"] == np.inf


def test_nothing_compared_is_no_agreement():
    with pytest.raises(OptionError, match="all integers"):
        rn.gradcheck(rn.one_hot, np.array([0, 1]), rng=np.random.default_rng(0), classes=2)


@pytest.mark.parametrize("op", ["tanh", np.tanh, None])
def test_an_operation_is_asked_for(op):
    with pytest.raises(rn.ArgumentError, match="op of type"):
        rn.gradcheck(op, np.ones(2), rng=np.random.default_rng(0))
