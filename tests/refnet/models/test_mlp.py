from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet.models import MLP


def digits(n=600):
    data = rn.data.digits()
    return rn.data.as_rows(data)[:n], data.labels[:n]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"hidden": None}, ["fc1.w", "fc1.b"]),
        ({"hidden": 7}, ["fc1.w", "fc1.b", "fc2.w", "fc2.b"]),
    ],
)
def test_parameters(options, names):
    assert list(MLP(**options).layers.parameters) == names


def test_the_loss_is_summed_over_the_batch(rng):
    model = MLP(hidden=5, classes=3, output_init="std_normal(gain=1.0)")
    x, labels = rng.standard_normal((8, 4)), rng.integers(0, 3, 8)
    model.start(4, rng=rng)
    whole, grads = model.loss_and_grads(model.params, x, labels)
    parts = [model.loss_and_grads(model.params, x[i : i + 1], labels[i : i + 1]) for i in range(8)]
    assert whole == pytest.approx(sum(value for value, _ in parts))
    for name, g in grads.items():
        np.testing.assert_allclose(g, sum(part[name] for _, part in parts), atol=1e-12)


def test_the_squared_error_is_averaged_over_the_batch(rng):
    model = MLP(hidden=5, classes=3, loss="mean_squared_error", output_init="std_normal(gain=1.0)")
    x, labels = rng.standard_normal((8, 4)), rng.integers(0, 3, 8)
    model.start(4, rng=rng)
    value, grads = model.loss_and_grads(model.params, x, labels)
    y, t = model.predict(x), np.eye(3)[labels]
    assert (y >= 0).all()
    assert value == pytest.approx(((y - t) ** 2).sum() / 16)
    rows, row_grads = model.loss_and_grads(model.params, x, t)
    assert rows == value
    for name, p in model.params.items():
        np.testing.assert_array_equal(row_grads[name], grads[name])
        found = rn.central_differences(
            lambda v, name=name: model.loss_and_grads({**model.params, name: v}, x, labels)[0],
            p + 0.01,
            noise=1e-14,
        )
        moved = model.loss_and_grads({**model.params, name: p + 0.01}, x, labels)[1]
        assert (np.abs(moved[name] - found.gradient) <= found.error).all()


@pytest.mark.parametrize("hidden", [None, 30])
@pytest.mark.parametrize(
    ("loss", "lr"), [("softmax_cross_entropy", 1e-3), ("mean_squared_error", 0.02)]
)
def test_learns(hidden, loss, lr):
    x, labels = digits()
    model = MLP(hidden, loss=loss, output="identity", optimizer=f"sgd(lr={lr}, momentum=0.9)")
    losses = model.fit(x, labels, epochs=12, batch_size=50, rng=np.random.default_rng(0))
    assert losses[-1] < losses[0] / 3
    assert model.evaluate(x, labels) > 0.9
    assert model.evaluate(x, np.eye(10)[labels]) == model.evaluate(x, labels)
    assert {p.dtype for p in model.params.values()} == {np.dtype(np.float32)}


def test_learns_through_a_relu_at_the_output():
    x, labels = digits()
    options = {"init": "std_normal(gain=0.02)", "optimizer": "sgd(lr=0.05, momentum=0.9)"}
    model = MLP(30, loss="mean_squared_error", **options)
    model.fit((x + 1) / 2, labels, epochs=12, batch_size=50, rng=np.random.default_rng(1))
    assert model.evaluate((x + 1) / 2, labels) > 0.8


def test_defaults_are_the_sources():
    assert MLP().optimizer == rn.optimizers.SGD(lr=2e-4, momentum=0.9)
    assert MLP(loss="mean_squared_error").optimizer == rn.optimizers.SGD(lr=0.04)
    model = MLP(hidden=20)
    model.start(30, rng=np.random.default_rng(0))
    assert 0 < np.abs(model.params["fc1.w"]).max() <= 0.2
    assert not model.params["fc2.w"].any()


@pytest.mark.parametrize(("zero_layers", "learns"), [(1, True), (2, False)])
def test_two_zero_layers_in_a_row_never_learn_and_one_does(zero_layers, learns):
    x, labels = digits()
    init = "zeros" if zero_layers == 2 else "truncated_normal(std=0.1)"
    model = MLP(20, init=init, optimizer="sgd(lr=1e-3, momentum=0.9)")
    model.fit(x, labels, epochs=5, batch_size=50, rng=np.random.default_rng(0))
    p = model.params
    assert p["fc1.w"].any() == p["fc2.w"].any() == learns
    assert p["fc2.b"].any(), "how frequent the classes are can be learnt without weights"
    scores = model.predict(x)
    assert (scores == scores[0]).all() == (not learns)
    assert (model.evaluate(x, labels) > 0.8) == learns


def test_refused(rng):
    with pytest.raises(rn.OptionError, match="softmax_cross_entropy"):
        MLP(loss="softmax_crossentropy")
    with pytest.raises(rn.OptionError, match="output"):
        MLP(output="sigmoid")
    with pytest.raises(rn.OptionError, match="classes"):
        MLP(classes=0)
    with pytest.raises(rn.OptionError, match="units"):
        MLP(hidden=0)
    x, labels = digits(20)
    model = MLP(5, classes=4, loss="mean_squared_error")
    with pytest.raises(rn.DomainError, match="label"):
        model.fit(x, labels, epochs=1, rng=rng)
    assert model.params is None
    model.fit(x, labels % 4, epochs=1, rng=rng)
    with pytest.raises(rn.DomainError, match="label"):
        model.evaluate(x, labels)
    with pytest.raises(rn.DtypeError, match="integer"):
        model.evaluate(x, labels.astype(float))
    with pytest.raises(rn.ShapeError, match="different parts"):
        model.evaluate(x, labels[:3])
