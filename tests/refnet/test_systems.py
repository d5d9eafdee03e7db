from __future__ import annotations

import inspect
import re
from dataclasses import fields

import numpy as np
import pytest

import refnet as rn
from refnet import OptionError, systems

O = rn.optimizers  # noqa: E741
OPTIMIZERS = {
    "sgd": O.SGD,
    "momentum": O.Momentum,
    "nesterov": O.Nesterov,
    "adagrad": O.AdaGrad,
    "adadelta": O.AdaDelta,
    "rmsprop": O.RMSProp,
    "adam": O.Adam,
    "adamw": O.AdamW,
    "adamax": O.AdaMax,
    "nadam": O.Nadam,
}
OTHERS = {
    "amsgrad": O.Adam,
    "step_decay": lambda **f: O.StepDecay(lr=0.1, every=2, **f),
    "exponential": lambda **f: O.Exponential(lr=0.1, factor=0.5, **f),
    "time_decay": lambda **f: O.TimeDecay(lr=0.1, decay=0.5, **f),
    "clip_by_global_norm": lambda **f: O.ClipByGlobalNorm(limit=1.0, **f),
}
X = np.linspace(-1.0, 1.0, 2 * 4 * 6 * 32).reshape(2, 4, 6, 32)
ROW = np.linspace(0.1, 0.9, 6).reshape(2, 3)
# What each operation is called with; options of the entry are added.
INPUTS = {
    "avg_pool2d": ((X,), {"kernel": 2, "padding": 1}),
    "batch_norm": ((X, *[np.ones(32)] * 4), {}),
    "binary_cross_entropy": ((ROW, ROW), {}),
    "conv2d": ((np.ones((1, 4, 4, 4)), np.ones((4, 4, 4, 4))), {}),
    "cosine": ((ROW, ROW), {}),
    "cross_entropy": ((ROW, ROW), {}),
    "dropout": ((ROW, np.ones_like(ROW)), {"rate": 0.5}),
    "elu": ((ROW,), {}),
    "gelu": ((ROW,), {}),
    "group_norm": ((X, np.ones(32), np.ones(32)), {"groups": 4}),
    "gru": ((np.ones((2, 1, 3)), np.ones((1, 2)), np.ones((3, 6)), np.ones((2, 6))), {}),
    "hard_sigmoid": ((ROW,), {}),
    "huber": ((ROW, ROW), {}),
    "kl_div": ((ROW, ROW), {}),
    "l1_penalty": ((ROW,), {}),
    "l2_penalty": ((ROW,), {}),
    "layer_norm": ((ROW, np.ones(3), np.ones(3)), {}),
    "leaky_relu": ((ROW,), {}),
    "lstm": (
        (np.ones((2, 1, 3)), *[np.ones((1, 2))] * 2, np.ones((3, 8)), np.ones((2, 8))),
        {},
    ),
    "max_pool2d": ((X,), {"kernel": 2}),
    "mean_squared_error": ((ROW, ROW), {}),
    "softmax_cross_entropy": ((ROW, ROW), {}),
    "softplus": ((ROW,), {}),
    "var": ((ROW,), {}),
}
every = pytest.mark.parametrize(
    ("system", "name"), list(rn.conventions), ids=map("-".join, rn.conventions)
)


@every
def test_every_entry_is_accepted_as_it_stands(system, name):
    found = rn.conventions[system, name].fields
    lr = {} if "lr" in found else {"lr": 0.1}
    if name in OPTIMIZERS:
        opt = OPTIMIZERS[name].like(system, **lr)
        params = {"w": np.ones(2)}
        moved, _ = opt.update(params, params, opt.init(params))
        assert (moved["w"] < 1).all()
        for field, value in found.items():
            assert getattr(opt, field) == (opt.momentum if value == "momentum" else value)
    elif name == "amsgrad":
        assert O.Adam(**{**found, **lr}).amsgrad
    elif name in OTHERS:
        made = OTHERS[name](**found)
        assert all(getattr(made, field) == value for field, value in found.items())
    else:
        inputs, options = INPUTS[name]
        if found.get("layout") == "NCHW" and name != "conv2d":
            inputs = (np.moveaxis(inputs[0], -1, 1), *inputs[1:])
        op = rn.ops()[name]
        assert found.keys() <= {*op.options, *op.required_options}
        results = op(*inputs, **{**options, **found})
        for y in results if isinstance(results, tuple) else (results,):
            assert np.isfinite(y).all()


@every
def test_every_entry_says_where_it_is_documented(system, name):
    source = rn.conventions[system, name].source
    if system in ("feedforward", "scratch_notes", "numpy_dnn", "ann_box"):
        assert re.match(rf"{system}\.txt, \S", source)
    else:
        home = {
            "torch": "https://docs.pytorch.org/docs/stable/generated/torch.",
            "tensorflow1": "https://www.tensorflow.org/",
            "keras": "https://keras.io/api/",
            "optax": "https://optax.readthedocs.io/en/latest/api/",
        }[system]
        assert source.startswith(home)
        assert " " not in source


@pytest.mark.parametrize("system", systems.SYSTEMS)
def test_optimizers_fields_are_complete(system):
    classes = {"momentum": O.SGD, "nesterov": O.SGD, "adamw": O.Adam, "amsgrad": O.Adam}
    chosen = {"lr", "clip"}
    for name in rn.conventions.names(system):
        if name in OPTIMIZERS or name in classes:
            cls = classes.get(name, OPTIMIZERS.get(name))
            left = chosen | {"momentum": {"momentum"}, "nesterov": {"momentum", "nesterov"}}.get(
                name, set()
            )
            there = rn.conventions[system, name].fields.keys()
            assert {f.name for f in fields(cls)} - left <= there


def test_torch_has_the_defaults_of_the_installed_pytorch():
    torch = pytest.importorskip("torch")
    names = {
        "sgd": "SGD",
        "adagrad": "Adagrad",
        "adadelta": "Adadelta",
        "rmsprop": "RMSprop",
        "adam": "Adam",
        "adamw": "AdamW",
        "adamax": "Adamax",
        "nadam": "NAdam",
    }
    renamed = {
        "initial_accumulator_value": "initial_accumulator",
        "alpha": "rho",
        "momentum_decay": "schedule_decay",
    }
    for name, cls in names.items():
        found = rn.conventions["torch", name].fields
        signature = inspect.signature(getattr(torch.optim, cls)).parameters
        for option, parameter in signature.items():
            if option == "betas":
                assert (found["beta1"], found["beta2"]) == parameter.default
            elif renamed.get(option, option) in found:
                assert found[renamed.get(option, option)] == parameter.default
    norm = inspect.signature(torch.nn.BatchNorm2d).parameters
    batch_norm = rn.conventions["torch", "batch_norm"].fields
    assert [batch_norm[k] for k in ("eps", "momentum")] == [
        norm[k].default for k in ("eps", "momentum")
    ]
    pool = inspect.signature(torch.nn.AvgPool2d).parameters
    pooling = rn.conventions["torch", "avg_pool2d"].fields
    assert pooling["count_include_pad"] is pool["count_include_pad"].default


def test_is_a_mapping_that_cannot_be_changed():
    table = rn.conventions
    assert len(table) == len(set(table)) == len(dict(table.items()))
    assert ("keras", "adam") in table
    assert ("keras", "lamb") not in table
    assert table.get(("keras", "lamb")) is None
    assert table.get(("keras", "adam")) is table["keras", "adam"]
    with pytest.raises(TypeError):
        table["keras", "adam"].fields["eps"] = 1.0
    with pytest.raises(TypeError):
        table["keras", "adam"] = None
    assert repr(table) == f"<conventions: {len(table)} of 8 systems>"
    assert {system for system, _ in table} == set(systems.SYSTEMS)


def test_systems_and_names():
    assert rn.conventions.systems("nadam") == ("torch", "keras", "optax")
    assert "adam" in rn.conventions.names("tensorflow1")
    assert "nadam" not in rn.conventions.names("tensorflow1")
    with pytest.raises(OptionError, match="Did you mean 'adam'"):
        rn.conventions.systems("adamm")
    with pytest.raises(OptionError, match="'tensorflow1'"):
        rn.conventions.names("tensorflow")


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (("kera", "adam"), "Did you mean 'keras'"),
        (("tensorflow1", "nadam"), "'adadelta', 'rmsprop', 'adam'"),
        (("keras", "adma"), "conventions of keras: .*'adam'"),
        (("keras", None), "name=None"),
        (("keras",), "a system and a name"),
        ("keras", "a system and a name"),
        (3, "a system and a name"),
    ],
)
def test_refuses_what_is_not_there(key, named):
    with pytest.raises(OptionError, match=named):
        rn.conventions[key]


def test_like():
    assert O.Adam.like("keras", lr=0.5) == O.Adam(
        0.5, eps=1e-7, eps_before_correction=True, decay_kind="decoupled"
    )
    assert O.Adam.like("keras", eps=0.1, weight_decay=0.2).eps == 0.1
    assert O.AdaGrad.like("optax", lr="constant(lr=0.1)").lr(3) == 0.1
    with pytest.raises(OptionError, match="tensorflow1 leaves it to its caller"):
        O.AdaGrad.like("tensorflow1")
    with pytest.raises(OptionError, match="'scratch_notes'"):
        O.AdaGrad.like("scratch")
    with pytest.raises(OptionError, match="conventions of feedforward"):
        O.Adam.like("feedforward")
    with pytest.raises(OptionError, match="Adam: got eps=-1"):
        O.Adam.like("torch", eps=-1)
    with pytest.raises(TypeError, match="epsilon"):
        O.Adam.like("torch", epsilon=1e-8)


def test_amsgrad_is_the_systems_own():
    for system in ("torch", "keras", "optax"):
        opt = O.Adam.like(system, lr=0.1, amsgrad=True)
        assert opt == O.Adam(**{**rn.conventions[system, "amsgrad"].fields, "lr": 0.1})
    assert O.Adam.like("optax", lr=0.1, amsgrad=True).amsgrad_corrected
    assert not O.Adam.like("optax", lr=0.1, amsgrad=False).amsgrad
    with pytest.raises(OptionError, match="tensorflow1"):
        O.Adam.like("tensorflow1", lr=0.1, amsgrad=True)


def test_systems_part_where_their_fields_differ():
    params = {"w": np.array([1e-4, 1.0])}
    moved = {}
    for system in rn.conventions.systems("adam"):
        opt = O.Adam.like(system, lr=0.1)
        moved[system], _ = opt.update(params, {"w": np.array([1e-7, 1.0])}, opt.init(params))
    np.testing.assert_array_equal(moved["torch"]["w"], moved["optax"]["w"])
    # Their eps counts beside 1e-7, and it counts more before the correction.
    assert abs(moved["torch"]["w"] - moved["tensorflow1"]["w"])[0] > 0.01
    assert abs(moved["keras"]["w"] - moved["tensorflow1"]["w"])[0] > 0.01
    assert abs(moved["keras"]["w"] - moved["torch"]["w"])[1] < 1e-6
