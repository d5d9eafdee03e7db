from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError

SGD = rn.optimizers.SGD


@given(
    lr=st.floats(0, 1),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    dampening=st.sampled_from([0.0, 0.3]),
    decay=st.sampled_from([0.0, 0.1]),
    nesterov=st.booleans(),
)
def test_the_documented_formula(lr, momentum, dampening, decay, nesterov):
    nesterov = nesterov and momentum > 0 and dampening == 0
    opt = SGD(lr, momentum, dampening, decay, nesterov)
    rng = np.random.default_rng(0)
    p = rng.standard_normal((2, 3))
    params, state = {"w": p}, opt.init({"w": p})
    v = None
    for step in range(4):
        raw = rng.standard_normal((2, 3))
        g = raw + decay * p
        if momentum:
            v = g if step == 0 else momentum * v + (1 - dampening) * g
            g = g + momentum * v if nesterov else v
        p = p - lr * g
        params, state = opt.update(params, {"w": raw}, state)
        np.testing.assert_allclose(params["w"], p, rtol=1e-13, atol=1e-15)
        assert state.step == step + 1
        if momentum:
            np.testing.assert_allclose(state.momentum_buffer["w"], v, rtol=1e-13, atol=1e-15)
        else:
            assert state.momentum_buffer == {}


def test_pure_and_ordered():
    opt = SGD(0.1, momentum=0.9)
    params = {"b": np.ones(2), "a": np.ones(3)}
    grads = {"a": np.ones(3), "b": np.full(2, 2.0)}
    state = opt.init(params)
    moved, after = opt.update(params, grads, state)
    assert list(moved) == ["b", "a"]
    assert state.step == 0
    assert not state.momentum_buffer["a"].any()
    np.testing.assert_array_equal(params["b"], [1, 1])
    for name in params:
        for other in (params[name], grads[name], state.momentum_buffer[name]):
            assert not np.shares_memory(moved[name], other)
            assert not np.shares_memory(after.momentum_buffer[name], other)
    assert opt.gradient_point(params, state) is params


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtypes_stay(dtype):
    opt = SGD(0.1, momentum=0.9, weight_decay=0.1, nesterov=True)
    params = {"w": np.ones(3, dtype), "scalar": np.array(2, dtype)}
    state = opt.init(params)
    for _ in range(2):
        params, state = opt.update(params, params, state)
    for values in (params, state.momentum_buffer):
        assert all(v.dtype == dtype for v in values.values())
        assert params["scalar"].shape == ()


def test_float16_rounds_once_per_result():
    opt = SGD(1.0)
    params = {"w": np.array([2048], np.float16)}
    moved, _ = opt.update(params, {"w": np.array([-1.0], np.float16)}, opt.init(params))
    assert moved["w"] == 2048  # 2049 is between two float16 and rounds to even
    opt = SGD(1.0, weight_decay=0.001)
    moved, _ = opt.update(params, {"w": np.array([-1.0], np.float16)}, opt.init(params))
    assert moved["w"] == np.float16(2048 + 1 - 0.001 * 2048)


def test_no_parameters():
    opt = SGD(0.1, momentum=0.5)
    assert opt.update({}, {}, opt.init({})) == ({}, (1, {}))


@pytest.mark.parametrize(
    "options",
    [
        {"lr": -0.1},
        {"lr": True},
        {"lr": "0.1"},
        {"lr": np.nan},
        {"lr": np.inf},
        {"lr": 0.1, "momentum": 1.0},
        {"lr": 0.1, "momentum": -0.1},
        {"lr": 0.1, "dampening": 1.1},
        {"lr": 0.1, "weight_decay": -1.0},
        {"lr": 0.1, "nesterov": 1},
        {"lr": 0.1, "nesterov": True},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "nesterov": True},
    ],
)
def test_refuses_options(options):
    with pytest.raises(OptionError, match="SGD"):
        SGD(**options)


def test_refuses_what_does_not_match():
    opt = SGD(0.1, momentum=0.9)
    params = {"w": np.ones((2, 3)), "b": np.ones(3)}
    state = opt.init(params)
    with pytest.raises(ArgumentError, match=r"grads without \['b'\]"):
        opt.update(params, {"w": params["w"]}, state)
    with pytest.raises(ArgumentError, match=r"with \['c'\]"):
        opt.update(params, {**params, "c": np.ones(1)}, state)
    with pytest.raises(ShapeError, match=r"grads\['b'\] of shape \(2,\)"):
        opt.update(params, {**params, "b": np.ones(2)}, state)
    with pytest.raises(DtypeError, match=r"grads\['w'\] of dtype float32"):
        opt.update(params, {**params, "w": np.ones((2, 3), np.float32)}, state)
    with pytest.raises(ArgumentError, match="momentum_buffer"):
        opt.update(params, params, SGD(0.1).init(params))
    ints = {"w": np.ones(2, int)}
    with pytest.raises(DtypeError, match="int64"):
        SGD(0.1).update(ints, ints, SGD(0.1).init(ints))
    assert all((p == 1).all() for p in params.values())


def test_is_a_value():
    assert SGD(0.1) == SGD(0.1)
    assert rn.optimizers.from_spec(SGD(0.1)) == SGD(0.1)
    with pytest.raises(AttributeError):
        SGD(0.1).lr = 0.2


@pytest.mark.parametrize("lr", [np.float64(0.1), np.longdouble(0.1), Fraction(1, 10)])
def test_numbers_of_any_type_keep_the_parameters_dtype(lr):
    opt = rn.optimizers.SGD(lr, momentum=np.float64(0.5), weight_decay=np.float64(0.1))
    params = {"w": np.ones(2, np.float32)}
    state = opt.init(params)
    for _ in range(2):
        params, state = opt.update(params, params, state)
        assert params["w"].dtype == state.momentum_buffer["w"].dtype == np.float32
    assert type(opt.lr) is float
    with pytest.raises(rn.OptionError, match="lr"):
        rn.optimizers.SGD(10**400)


def test_an_infinite_parameter_without_decay_stays_infinite():
    opt = rn.optimizers.SGD(0.1, momentum=0.9)
    params, grads = {"w": np.array([np.inf])}, {"w": np.array([1.0])}
    state = opt.init(params)
    for _ in range(2):
        params, state = opt.update(params, grads, state)
        assert params["w"] == np.inf
    assert not np.shares_memory(state.momentum_buffer["w"], grads["w"])


@pytest.mark.parametrize(("p", "g"), [(np.ones(1), [1.0]), (np.ones(1), None), (1.0, np.ones(1))])
def test_parameters_and_gradients_are_arrays(p, g):
    opt = rn.optimizers.SGD(0.1)
    with pytest.raises(rn.DtypeError, match="needs NumPy arrays"):
        opt.update({"w": p}, {"w": g}, opt.init({"w": np.ones(1)}))


def test_a_class_is_no_optimizer():
    with pytest.raises(rn.OptionError, match="spec of type type"):
        rn.optimizers.from_spec(rn.optimizers.SGD)


def test_bfloat16_is_computed_in_float32_and_rounded_once():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    opt = rn.optimizers.SGD(lr=0.1, momentum=0.9)
    params = {"w": np.array([1.0, -2.0, 3.0], bfloat16)}
    grads = {"w": np.array([0.5, 0.25, -1.0], bfloat16)}
    got, state = opt.update(params, grads, opt.init(params))
    wide = {"w": params["w"].astype(np.float32)}
    wanted, _ = opt.update(wide, {"w": grads["w"].astype(np.float32)}, opt.init(wide))
    assert got["w"].dtype == bfloat16
    np.testing.assert_array_equal(got["w"], wanted["w"].astype(bfloat16))
    opt.update(got, grads, state)
