"""What every optimizer has in common."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError

O = rn.optimizers  # noqa: E741
ALL = {
    "sgd": O.SGD(0.1),
    "momentum": O.Momentum(0.1),
    "average": O.Momentum(0.1, dampening="momentum", first_buffer="zeros"),
    "lr inside": O.Momentum(0.1, lr_inside=True),
    "nesterov": O.Nesterov(0.1),
    "lookahead": O.Nesterov(0.1, lookahead=True),
    "adagrad": O.AdaGrad(0.1, lr_decay=0.1),
    "adadelta": O.AdaDelta(),
    "rmsprop": O.RMSProp(),
    "rmsprop whole": O.RMSProp(momentum=0.9, centered=True, eps_inside=True, lr_inside=True),
    "adam": O.Adam(),
    "amsgrad": O.Adam(amsgrad=True, amsgrad_corrected=True, eps_root=1e-3),
    "adamw": O.AdamW(),
    "adamax": O.AdaMax(),
    "nadam": O.Nadam(),
    "decayed": O.Adam(weight_decay=0.1, clip="by_global_norm(limit=0.5)"),
    "decayed l1": O.SGD(0.1, weight_decay=0.1, decay_kind="l1", clip="by_value(limit=0.5)"),
}
every = pytest.mark.parametrize("opt", ALL.values(), ids=ALL)
SPECS = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw")
SPECS += ("adamax", "nadam")


def drawn(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"w": (3, 4), "b": (4,), "scalar": (), "none": (0, 2)}
    return {k: np.asarray(rng.standard_normal(s)).astype(dtype) for k, s in shapes.items()}


def after(opt, params, grads, steps=3):
    state = opt.init(params)
    for _ in range(steps):
        params, state = opt.update(params, grads, state)
    return params, state


def slots_of(state):
    return {name: slot for name, slot in state._asdict().items() if name != "step"}


@every
def test_new_values_and_untouched_arguments(opt):
    params, grads = drawn(), drawn(seed=1)
    _, state = after(opt, params, grads, steps=1)
    arrays = [*params.values(), *grads.values()]
    arrays += [v for slot in slots_of(state).values() for v in slot.values()]
    before = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    moved, new = opt.update(params, grads, state)
    opt.gradient_point(params, state)
    assert list(moved) == list(params)
    results = [*moved.values(), *(v for slot in slots_of(new).values() for v in slot.values())]
    for i, result in enumerate(results):
        assert type(result) is np.ndarray
        assert result.flags.writeable
        assert not any(np.shares_memory(result, a) for a in [*arrays, *results[:i]])
    assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))
    assert (state.step, new.step) == (1, 2)
    for name, slot in slots_of(new).items():
        assert slot.keys() in (params.keys(), set())
        assert slot is not getattr(state, name)


@every
def test_the_first_update_shares_nothing_either(opt):
    params, grads = drawn(), drawn(seed=1)
    moved, state = after(opt, params, grads, steps=1)
    held = [*params.values(), *grads.values()]
    for values in (moved, *slots_of(state).values()):
        assert not any(np.shares_memory(v, a) for v in values.values() for a in held)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble, np.float16, "bfloat16"])
def test_dtypes_and_shapes_stay(opt, dtype):
    if dtype == "bfloat16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    params = drawn(dtype)
    moved, state = after(opt, params, drawn(dtype, seed=1))
    point = opt.gradient_point(moved, state)
    for values in (moved, point, *filter(None, slots_of(state).values())):
        for name, p in params.items():
            assert (values[name].dtype, values[name].shape) == (p.dtype, p.shape)


@every
def test_the_half_types_are_computed_in_float32_and_rounded_once(opt):
    params, grads = drawn(np.float16), drawn(np.float16, seed=1)
    state = opt.init(params)
    wide = {k: p.astype(np.float32) for k, p in params.items()}
    wide_grads = {k: g.astype(np.float32) for k, g in grads.items()}
    got, state = opt.update(params, grads, state)
    wanted, wide_state = opt.update(wide, wide_grads, opt.init(wide))
    slots = zip(slots_of(state).values(), slots_of(wide_state).values(), strict=True)
    for values, targets in ((got, wanted), *slots):
        for name, v in values.items():
            np.testing.assert_array_equal(v, targets[name].astype(np.float16))


@every
def test_wider_dtypes_agree_within_rounding(opt):
    runs = {}
    for dtype in (np.float32, np.float64, np.longdouble):
        moved, state = after(opt, drawn(np.float32), drawn(np.float32, seed=1), steps=0)
        cast = {k: p.astype(dtype) for k, p in moved.items()}
        grads = {k: g.astype(dtype) for k, g in drawn(np.float32, seed=1).items()}
        moved, state = after(opt, cast, grads, steps=5)
        runs[dtype] = [moved, *slots_of(state).values()]
    for dtype, tolerance in ((np.float32, 3e-5), (np.float64, 1e-12)):
        for values, targets in zip(runs[dtype], runs[np.longdouble], strict=True):
            for name, v in values.items():
                np.testing.assert_allclose(
                    v.astype(float), targets[name].astype(float), rtol=tolerance, atol=tolerance
                )


@every
def test_longdouble_parameters_use_longdouble_numbers(opt):
    if np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("longdouble is no wider than float64")
    wide, narrow = ({"w": np.linspace(1, 2, 5).astype(d)} for d in (np.longdouble, np.float64))
    a, _ = after(opt, wide, wide)
    b, _ = after(opt, narrow, narrow)
    gap = np.abs(a["w"] - b["w"])
    assert gap.any()
    assert (gap < 1e-13).all()


@every
def test_dtypes_may_differ_between_parameters(opt):
    mixed = {"half": np.float16, "single": np.float32, "double": np.float64}
    params = {k: np.linspace(0.5, 1, 3).astype(d) for k, d in mixed.items()}
    unclipped = rn.optimizers.from_spec(repr(opt))
    if opt.clip is not None and "norm" in repr(opt.clip):  # then parameters are not independent
        object.__setattr__(unclipped, "clip", None)
    moved, state = after(unclipped, params, params)
    for name, p in params.items():
        alone, _ = after(unclipped, {name: p}, {name: p})
        np.testing.assert_array_equal(moved[name], alone[name])
    assert state.step == 3


@every
@pytest.mark.parametrize("order", ["F", "reversed", "strided"])
def test_arrays_of_any_layout(opt, order):
    base = np.arange(1.0, 13.0).reshape(3, 4)
    laid = {"F": np.asfortranarray(base), "reversed": base[::-1, ::-1]}
    laid["strided"] = np.repeat(base, 2, axis=1)[:, ::2]
    a = laid[order]
    moved, _ = after(opt, {"w": a}, {"w": a})
    wanted, _ = after(opt, {"w": np.ascontiguousarray(a)}, {"w": np.ascontiguousarray(a)})
    np.testing.assert_array_equal(moved["w"], wanted["w"])


@every
def test_no_parameters(opt):
    state = opt.init({})
    moved, new = opt.update({}, {}, state)
    assert moved == {}
    assert new == state._replace(step=1)
    assert opt.gradient_point({}, state) == {}


@every
def test_memory_maps_are_arrays_and_masked_arrays_are_not(opt, tmp_path):
    mapped = np.memmap(tmp_path / "w", np.float64, "w+", shape=(3,))
    mapped[:] = [1, 2, 3]
    moved, _ = after(opt, {"w": mapped}, {"w": mapped})
    wanted, _ = after(opt, {"w": np.array(mapped)}, {"w": np.array(mapped)})
    assert type(moved["w"]) is np.ndarray
    np.testing.assert_array_equal(moved["w"], wanted["w"])
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    with pytest.raises(DtypeError, match="masked"):
        opt.init({"w": masked})
    plain = {"w": np.ones(2)}
    with pytest.raises(DtypeError, match="masked"):
        opt.update(plain, {"w": masked}, opt.init(plain))


@every
def test_refuses_parameters_and_gradients_that_do_not_match(opt):
    params = {"w": np.ones((2, 3)), "b": np.ones(3)}
    state = opt.init(params)
    bad = [
        (ArgumentError, r"grads without \['b'\]", params, {"w": params["w"]}),
        (ArgumentError, r"with \['c'\]", params, {**params, "c": np.ones(1)}),
        (ShapeError, r"grads\['b'\] of shape \(2,\)", params, {**params, "b": np.ones(2)}),
        (ShapeError, r"\(3, 2\)", params, {**params, "w": np.ones((3, 2))}),
        (DtypeError, "float32", params, {**params, "b": np.ones(3, np.float32)}),
        (DtypeError, "NumPy arrays", params, {**params, "b": [1.0, 1.0, 1.0]}),
        (DtypeError, "NumPy arrays", params, {**params, "b": None}),
        (DtypeError, "NumPy arrays", {**params, "b": 1.0}, params),
        (ShapeError, r"shape \(\)", {**params}, {**params, "b": np.float64(1)}),
        (DtypeError, "int64", {**params, "b": np.ones(3, int)}, params),
        (DtypeError, "complex", {**params, "b": np.ones(3, complex)}, params),
        (DtypeError, ">f8", {**params, "b": np.ones(3, ">f8")}, params),
        (ArgumentError, "type list", [np.ones(3)], params),
        (ArgumentError, "type NoneType", params, None),
    ]
    name = type(opt).__name__
    for error, named, p, g in bad:
        with pytest.raises(error, match=named) as raised:
            opt.update(p, g, state)
        assert str(raised.value).startswith(f"{name}: got ")


@every
def test_init_refuses_what_are_no_parameters(opt):
    for error, params in (
        (DtypeError, {"w": np.ones(2, int)}),
        (DtypeError, {"w": 1.0}),
        (DtypeError, {"w": [1.0]}),
        (ArgumentError, [np.ones(2)]),
    ):
        with pytest.raises(error, match=type(opt).__name__):
            opt.init(params)


@every
def test_refuses_states_that_are_not_its_own(opt):
    params = {"w": np.ones(2)}
    state = opt.init(params)
    other = O.AdaGrad() if type(opt) is not O.AdaGrad else O.AdaDelta()
    for bad in (other.init(params), None, {}, tuple(state), state._asdict()):
        with pytest.raises(ArgumentError, match=f"needs an? {type(state).__name__}"):
            opt.update(params, params, bad)
    for step in (-1, 1.0, True, None, "1"):
        with pytest.raises(ArgumentError, match="step="):
            opt.update(params, params, state._replace(step=step))
    for name, slot in slots_of(state).items():
        if slot:
            wrong = [
                ({}, ArgumentError),
                ({"w": np.ones(3)}, ShapeError),
                ({"w": np.ones(2, np.float32)}, DtypeError),
                ({"w": [1.0, 1.0]}, DtypeError),
                (None, ArgumentError),
                ({**slot, "b": np.ones(2)}, ArgumentError),
            ]
        else:
            wrong = [({"w": np.ones(2)}, ArgumentError), (None, ArgumentError)]
        for value, error in wrong:
            with pytest.raises(error, match=name):
                opt.update(params, params, state._replace(**{name: value}))


@every
def test_steps_are_counted_in_plain_ints(opt):
    params = {"w": np.ones(2)}
    state = opt.init(params)
    _, new = opt.update(params, params, state._replace(step=np.int64(4)))
    assert type(new.step) is int
    assert new.step == 5


@every
def test_is_a_value_and_its_repr_a_spec(opt):
    assert O.from_spec(opt) is opt
    again = O.from_spec(repr(opt))
    assert again == opt
    assert hash(again) == hash(opt)
    assert pickle.loads(pickle.dumps(opt)) == opt
    assert isinstance(opt, O.Optimizer)
    with pytest.raises(AttributeError):
        opt.lr = 0.2


@every
def test_gradient_steps_lead_to_a_minimum(opt):
    params = {"w": np.array([1.0, -2.0]), "b": np.array(0.5)}
    state = opt.init(params)
    start = sum(float((p**2).sum()) for p in params.values())
    for _ in range(200):
        point = opt.gradient_point(params, state)
        params, state = opt.update(params, {k: 2 * p for k, p in point.items()}, state)
    assert sum(float((p**2).sum()) for p in params.values()) < start


@pytest.mark.parametrize("kind", ["l2", "l1", "decoupled"])
@pytest.mark.parametrize("lr", [0.5, "time_decay(lr=0.5, decay=1.0)"])
def test_weight_decay(kind, lr):
    opt = O.AdaGrad(lr, weight_decay=0.25, decay_kind=kind)
    plain = O.AdaGrad(lr)
    params = {"w": np.array([2.0, -3.0, 0.0])}
    state = opt.init(params)
    wanted, kept = params, plain.init(params)
    for t in range(3):
        grads = {"w": np.array([1.0, 1.0, -1.0]) * (t + 1)}
        rate = 0.5 if lr == 0.5 else 0.5 / (1 + t)
        p = wanted["w"]
        if kind == "decoupled":
            decayed, grads_ = {"w": p - rate * 0.25 * p}, grads
        else:
            term = p if kind == "l2" else np.sign(p)
            decayed, grads_ = wanted, {"w": grads["w"] + 0.25 * term}
        wanted, kept = plain.update(decayed, grads_, kept)
        params, state = opt.update(params, grads, state)
        np.testing.assert_allclose(params["w"], wanted["w"], rtol=1e-14)


def test_an_infinite_parameter_decays_to_infinity_not_to_nan():
    for kind in ("l1", "decoupled"):
        opt = O.SGD(0.1, weight_decay=0.1, decay_kind=kind)
        params = {"w": np.array([np.inf, -np.inf])}
        moved, _ = opt.update(params, {"w": np.zeros(2)}, opt.init(params))
        np.testing.assert_array_equal(moved["w"], params["w"])


FLOATS = {
    "sgd": ("lr", "momentum", "dampening", "weight_decay"),
    "momentum": ("lr", "momentum"),
    "nesterov": ("lr", "momentum"),
    "adagrad": ("lr", "eps", "initial_accumulator", "lr_decay", "weight_decay"),
    "adadelta": ("lr", "rho", "eps", "weight_decay"),
    "rmsprop": ("lr", "rho", "eps", "momentum", "initial_accumulator", "weight_decay"),
    "adam": ("lr", "beta1", "beta2", "eps", "eps_root", "weight_decay"),
    "adamw": ("lr", "beta1", "beta2", "eps", "weight_decay"),
    "adamax": ("lr", "beta1", "beta2", "eps", "weight_decay"),
    "nadam": ("lr", "beta1", "beta2", "eps", "schedule_decay", "weight_decay"),
}
FLAGS = {
    "sgd": ("nesterov", "lookahead", "lr_inside"),
    "nesterov": ("lookahead",),
    "adagrad": ("eps_inside",),
    "rmsprop": ("centered", "eps_inside", "lr_inside"),
    "adam": ("amsgrad", "amsgrad_corrected", "bias_correction", "eps_before_correction"),
    "adamax": ("eps_in_maximum",),
    "nadam": ("eps_before_correction",),
}
NO_NUMBERS = (True, False, None, "0.1", b"1", 1j, [0.1], np.array([0.1]), Decimal("0.1"), object())
OUTSIDE = (math.nan, math.inf, -math.inf, -0.1, -1, np.float32("nan"), 10**400, -(10**400))


def make(name, **options):
    factory = {n: getattr(O, c) for n, c in zip(SPECS, CLASSES, strict=True)}[name]
    return factory(**{"lr": 0.1, **options})


CLASSES = ("SGD", "Momentum", "Nesterov", "AdaGrad", "AdaDelta", "RMSProp", "Adam", "AdamW")
CLASSES += ("AdaMax", "Nadam")


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, fs in FLOATS.items() for f in fs])
def test_refuses_numbers_outside_what_they_may_be(name, field):
    bad = [*NO_NUMBERS, *OUTSIDE]
    if field == "schedule_decay":
        bad.remove(None)
    if field in ("momentum", "rho", "beta1", "beta2"):
        bad += [1.0, 1, 1.5]
    if field == "dampening":
        bad += [1.0001, "dampening", np.array("momentum")]
    for value in bad:
        with pytest.raises(OptionError, match=field):
            make(name, **{field: value})


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, fs in FLAGS.items() for f in fs])
def test_refuses_flags_that_are_none(name, field):
    for value in (None, 0, 1, 1.0, "True", [], np.array([True])):
        with pytest.raises(OptionError, match=field):
            make(name, **{field: value})
    if field not in ("nesterov", "lookahead", "amsgrad_corrected"):
        assert type(getattr(make(name, **{field: np.True_}), field)) is bool


@pytest.mark.parametrize("name", SPECS)
def test_refuses_the_common_options(name):
    for kind in ("L2", "", None, 2, "weight", ["l2"]):
        with pytest.raises(OptionError, match="decay_kind"):
            make(name if name != "adamw" else "adam", decay_kind=kind)
    for clip in (1.0, "by_norm(limit=1)", True, ()):
        with pytest.raises(OptionError, match="clip"):
            make(name, clip=clip)
    with pytest.raises(TypeError, match="learning_rate"):
        make(name, learning_rate=0.1)
    with pytest.raises(OptionError, match="learning_rate"):
        O.from_spec(f"{name}(learning_rate=0.1)")


@pytest.mark.parametrize("number", [np.float64, np.float32, np.longdouble, np.float16, Fraction])
@pytest.mark.parametrize("name", SPECS)
def test_numbers_of_any_type_become_floats(name, number):
    options = {field: number(0.5) for field in FLOATS[name]}
    opt = make(name, **options)
    found = [getattr(opt, field) for field in FLOATS[name]]
    assert found == [0.5] * len(found)
    assert {type(v) for v in found} == {float}
    moved, _ = after(opt, drawn(np.float32), drawn(np.float32))
    assert {p.dtype for p in moved.values()} == {np.dtype(np.float32)}
