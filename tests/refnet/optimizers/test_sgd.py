from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError
from tests.refnet.optimizers.following import follow

SGD, Momentum, Nesterov = rn.optimizers.SGD, rn.optimizers.Momentum, rn.optimizers.Nesterov


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


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("lr_inside", [False, True])
@pytest.mark.parametrize("dampening", [0.0, 0.4])
@pytest.mark.parametrize("first", ["gradient", "zeros"])
def test_the_documented_formula_of_each_buffer(nesterov, lr_inside, dampening, first):
    damped = 0.0 if nesterov else dampening
    opt = SGD(
        "time_decay(lr=0.5, decay=1.0)",
        0.8,
        damped,
        nesterov=nesterov,
        lr_inside=lr_inside,
        first_buffer=first,
    )

    def formula(t, p, g, slots):
        lr = 0.5 / t
        if lr_inside:
            g = lr * g
        v = 0.8 * slots["momentum_buffer"] + (1 - damped) * g
        if t == 1 and first == "gradient":
            v = g
        step = g + 0.8 * v if nesterov else v
        return p - (step if lr_inside else lr * step), {"momentum_buffer": v}

    follow(opt, formula, {"momentum_buffer": 0.0})


def test_keras_and_the_sources_subtract_their_velocity():
    def keras(t, p, g, slots):
        velocity = 0.9 * -slots["momentum_buffer"] - 0.2 * g
        return p + velocity, {"momentum_buffer": -velocity}

    for system in ("keras", "scratch_notes", "ann_box"):
        follow(Momentum.like(system, lr=0.2), keras, {"momentum_buffer": 0.0})


def test_keras_nesterov():
    def formula(t, p, g, slots):
        velocity = 0.9 * -slots["momentum_buffer"] - 0.2 * g
        return p + 0.9 * velocity - 0.2 * g, {"momentum_buffer": -velocity}

    follow(Nesterov.like("keras", lr=0.2), formula, {"momentum_buffer": 0.0})


def test_the_moving_average_of_numpy_dnn():
    def formula(t, p, g, slots):
        v = 0.7 * slots["momentum_buffer"] + (1 - 0.7) * g
        return p - 0.2 * v, {"momentum_buffer": v}

    opt = Momentum.like("numpy_dnn", lr=0.2, momentum=0.7)
    assert opt == SGD(0.2, 0.7, 0.7, first_buffer="zeros")
    follow(opt, formula, {"momentum_buffer": 0.0})


def run(opt, gradient, steps=8):
    """Return the parameters after each update and the points at which the gradients were taken."""
    params = {"w": np.array([1.0, -2.0, 0.5])}
    state = opt.init(params)
    found, points = [], []
    for _ in range(steps):
        point = opt.gradient_point(params, state)
        points.append(point["w"])
        params, state = opt.update(params, {"w": gradient(point["w"])}, state)
        found.append(params["w"])
    return np.array(found), np.array(points)


def bent(w):
    return w + 0.3 * w**3


def test_where_lr_stands_matters_only_where_it_changes():
    for options in ({}, {"nesterov": True}, {"lookahead": True}):
        inside, _ = run(SGD(0.1, 0.9, lr_inside=True, **options), bent)
        outside, _ = run(SGD(0.1, 0.9, **options), bent)
        np.testing.assert_allclose(inside, outside, rtol=1e-13)
        changing = "exponential(lr=0.1, factor=0.5)"
        inside, _ = run(SGD(changing, 0.9, lr_inside=True, **options), bent)
        outside, _ = run(SGD(changing, 0.9, **options), bent)
        assert not np.allclose(inside, outside, rtol=1e-2)


def test_a_start_from_zeros_is_the_gradient_without_dampening():
    zeros, _ = run(SGD(0.1, 0.9, first_buffer="zeros"), bent)
    gradient, _ = run(SGD(0.1, 0.9), bent)
    np.testing.assert_array_equal(zeros, gradient)


def test_the_points_of_lookahead_are_the_parameters_of_the_reformulated_step():
    reformulated, _ = run(Nesterov(0.1), bent)
    _, points = run(Nesterov(0.1, lookahead=True), bent)
    np.testing.assert_array_equal(points[0], [1.0, -2.0, 0.5])
    np.testing.assert_allclose(points[1:], reformulated[:-1], rtol=1e-12)


@pytest.mark.parametrize("lr_inside", [False, True])
def test_lookahead_by_hand(lr_inside):
    # v = 2, w = 1 - 0.5 2 = 0, and the gradient is next taken at 0 - 0.5 0.5 2.
    opt = Nesterov(0.5, 0.5, lookahead=True, lr_inside=lr_inside)
    params = {"w": np.array([1.0])}
    params, state = opt.update(params, {"w": np.array([2.0])}, opt.init(params))
    assert params["w"] == 0.0
    assert opt.gradient_point(params, state)["w"] == -0.5
    assert state.momentum_buffer["w"] == (1.0 if lr_inside else 2.0)


def test_the_lookahead_point_follows_the_schedule_and_the_dtype():
    opt = Nesterov("step_decay(lr=1.0, every=1)", 0.5, lookahead=True)
    params = {"w": np.full(2, 3.0, np.float16), "s": np.array(3.0, np.float32)}
    state = opt.init(params)._replace(step=1, momentum_buffer=params)
    point = opt.gradient_point(params, state)
    assert point["w"].dtype == np.float16
    assert point["s"].shape == ()
    np.testing.assert_allclose(point["s"], 3 - 0.1 * 0.5 * 3, rtol=1e-6)
    np.testing.assert_array_equal(point["w"], np.full(2, 2.85, np.float16))
    assert not np.shares_memory(point["w"], params["w"])
    with pytest.raises(ArgumentError, match="momentum_buffer"):
        opt.gradient_point(params, state._replace(momentum_buffer={}))
    with pytest.raises(ArgumentError, match="AdamState"):
        opt.gradient_point(params, rn.optimizers.Adam().init(params))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"lookahead": True}, "needs a momentum"),
        ({"lookahead": True, "nesterov": True, "momentum": 0.9}, "its other form"),
        ({"nesterov": True}, "needs a momentum"),
        ({"nesterov": True, "momentum": 0.9, "dampening": "momentum"}, "no dampening"),
        ({"first_buffer": "ones"}, "first_buffer"),
        ({"first_buffer": None}, "first_buffer"),
        ({"first_buffer": True}, "first_buffer"),
        ({"dampening": "first"}, "dampening"),
    ],
)
def test_refuses_contradictions(options, named):
    with pytest.raises(OptionError, match=named):
        SGD(0.1, **options)


@pytest.mark.parametrize("preset", [Momentum, Nesterov])
def test_presets(preset):
    assert preset(0.1, 0.5).momentum == 0.5
    assert preset(0.1).momentum == 0.9
    assert preset(0.1, weight_decay=0.2, decay_kind="l1").decay_kind == "l1"
    for momentum in (0.0, 1.0, -0.5, np.nan, None, "0.9", True):
        with pytest.raises(OptionError, match=f"{preset.__name__}: got momentum"):
            preset(0.1, momentum)
    for bad in (-0.1, None, np.nan, "0.1"):
        with pytest.raises(OptionError, match="lr"):
            preset(bad)


def test_nesterov_has_two_forms():
    assert Nesterov(0.1) == SGD(0.1, 0.9, nesterov=True)
    assert Nesterov(0.1, lookahead=True) == SGD(0.1, 0.9, lookahead=True)
    with pytest.raises(OptionError, match="no dampening"):
        Nesterov(0.1, dampening=0.1)
    with pytest.raises(OptionError, match="lookahead"):
        Nesterov(0.1, lookahead=1)


def test_repr_shows_what_differs_beside_the_usual_five():
    assert repr(SGD(0.1)) == (
        "SGD(lr=0.1, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)"
    )
    assert repr(SGD(0.1, 0.5, lr_inside=True)).endswith("nesterov=False, lr_inside=True)")
