from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, OptionError, ShapeError

LAYERS = rn.layers


def net():
    return LAYERS.Sequential(
        LAYERS.Activation("affine(slope=2.0)"),
        fc1=LAYERS.Dense(5, init="he_normal"),
        act=LAYERS.Activation("tanh"),
        block=LAYERS.Sequential(
            fc=LAYERS.Dense(4, bias_init=None), act=LAYERS.Activation("sigmoid")
        ),
        fc2=LAYERS.Dense(3, bias_init="constant(value=0.5)"),
    )


def test_parameters_are_a_dict(rng):
    layers = net()
    params = layers.init((6,), rng, np.float32)
    names = ("fc1.w", "fc1.b", "block.fc.w", "fc2.w", "fc2.b")
    assert tuple(params) == names == layers.parameters
    assert {p.dtype for p in params.values()} == {np.dtype(np.float32)}
    assert [p.shape for p in params.values()] == [(6, 5), (5,), (5, 4), (4, 3), (3,)]
    assert (params["fc2.b"] == 0.5).all()
    assert layers.output_shape((6,)) == (3,)


@pytest.mark.parametrize("loss", [rn.softmax_cross_entropy, rn.mean_squared_error])
def test_gradients_against_central_differences(rng, loss):
    layers = net()
    params = layers.init((6,), rng)
    x = rng.standard_normal((7, 6))
    t = rng.integers(0, 3, 7) if loss is rn.softmax_cross_entropy else rng.standard_normal((7, 3))
    value, grads = layers.value_and_grads(params, x, t, loss)
    assert value == loss(layers(params, x), t)
    assert list(grads) == list(params)
    for name, p in params.items():
        found = rn.central_differences(
            lambda v, name=name: loss(layers({**params, name: v}, x), t), p, noise=1e-14
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name


def test_vjp_of_the_input(rng):
    layers = net()
    params = layers.init((6,), rng)
    x, dy = rng.standard_normal((7, 6)), rng.standard_normal((7, 3))
    _, tape = layers.forward(params, x)
    dx, _ = layers.vjp(dy, params, tape)
    found = rn.central_differences(lambda v: (layers(params, v) * dy).sum(), x, noise=1e-13)
    assert (np.abs(dx - found.gradient) <= found.error).all()
    none, grads = layers.vjp(dy, params, tape, wrt_input=False)
    assert none is None
    _, every = layers.vjp(dy, params, tape)
    for name in grads:
        np.testing.assert_array_equal(grads[name], every[name])


def test_a_network_without_parameters(rng):
    layers = LAYERS.Sequential(LAYERS.Activation("tanh"))
    _, tape = layers.forward({}, np.ones((2, 3)))
    assert layers.vjp(np.ones((2, 3)), {}, tape, wrt_input=False)[1] == {}
    assert layers.init((3,), rng) == {}


@pytest.mark.parametrize(
    ("spec", "name", "options"),
    [
        ("elu(alpha=0.5)", "elu", {"alpha": 0.5}),
        ("gelu", "gelu", {}),
        ("gelu(approximate='tanh')", "gelu", {"approximate": "tanh"}),
        ("hard_sigmoid(slope=0.2)", "hard_sigmoid", {"slope": 0.2}),
        ("hard_tanh(low=0, high=6)", "hard_tanh", {"low": 0, "high": 6}),
        ("leaky_relu(slope=0.2)", "leaky_relu", {"slope": 0.2}),
        ("Mish", "mish", {}),
        ("SELU", "selu", {}),
        ("silu", "silu", {}),
        ("softplus(beta=2.0)", "softplus", {"beta": 2.0}),
        ("softsign", "softsign", {}),
    ],
)
def test_activations_by_their_specs(rng, spec, name, options):
    layer, op = LAYERS.Activation(spec), rn.ops()[name]
    x, dy = rng.standard_normal((2, 3, 4))
    y, tape = layer.forward({}, x)
    np.testing.assert_array_equal(y, op(x, **options))
    np.testing.assert_array_equal(layer.vjp(dy, {}, tape)[0], op.vjp(dy, x, **options)[0])
    assert layer.output_shape((4,)) == (4,)


@pytest.mark.parametrize(
    ("spec", "match"),
    [
        ("gelu(approximate='erf')", "'none', 'tanh'"),
        ("hard_tanh(low=2.0)", "low below high"),
        ("softplus(beta=0)", "beta"),
        ("leaky_relu(0.2)", "keyword literals"),
        ("leakyrelu", "Did you mean 'leaky_relu'"),
        ("prelu", "unknown name 'prelu'"),
    ],
)
def test_activations_refuse(spec, match):
    with pytest.raises(OptionError, match=match):
        LAYERS.Activation(spec)


def test_softmax_along_another_axis(rng):
    layer, x = LAYERS.Activation("softmax(axis=-2)"), rng.standard_normal((2, 3, 4))
    np.testing.assert_array_equal(layer.forward({}, x)[0], rn.softmax(x, axis=1))
    assert layer.output_shape((3, 4)) == (3, 4)


def test_inputs_do_not_change(rng):
    layers = net()
    params = layers.init((6,), rng)
    x = rng.standard_normal((7, 6))
    for a in (x, *params.values()):
        a.flags.writeable = False
    layers.value_and_grads(params, x, rng.integers(0, 3, 7), rn.softmax_cross_entropy)


def test_refuses(rng):
    for units in (0, -1, 2.0, True, "3"):
        with pytest.raises(OptionError, match="units"):
            LAYERS.Dense(units)
    with pytest.raises(OptionError, match="Did you mean 'he_normal'"):
        LAYERS.Dense(3, init="he_norma")
    with pytest.raises(OptionError, match="Did you mean 'sigmoid'"):
        LAYERS.Activation("sigmiod")
    with pytest.raises(OptionError, match="'slop'"):
        LAYERS.Activation("affine(slop=1)")
    with pytest.raises(OptionError, match="slope"):
        LAYERS.Activation("affine(slope='1')")
    with pytest.raises(ArgumentError, match="at least one layer"):
        LAYERS.Sequential()
    for wrong in ([LAYERS.Dense(1)], 3, LAYERS.Dense):
        with pytest.raises(ArgumentError, match="a list of layers"):
            LAYERS.Sequential(wrong)
    with pytest.raises(ArgumentError, match="a name of its own"):
        LAYERS.Sequential(LAYERS.Dense(1), **{"0": LAYERS.Dense(2)})
    for name in ("", "a.b", "."):
        with pytest.raises(ArgumentError, match="hold no dot"):
            LAYERS.Sequential(**{name: LAYERS.Dense(1)})
    with pytest.raises(OptionError, match="mix samples"):
        LAYERS.Activation("softmax(axis=0)")
    assert LAYERS.Activation("softmax(axis=-1)").options == {"axis": -1}
    with pytest.raises(ShapeError, match="flattened"):
        net().init((8, 8), rng)
    params = net().init((6,), rng)
    del params["fc2.w"]
    with pytest.raises(ArgumentError, match=r"fc2\.w"):
        net()(params, np.ones((2, 6)))
    with pytest.raises(ShapeError, match="dense"):
        net()(net().init((6,), rng), np.ones((2, 5)))
