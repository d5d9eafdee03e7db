"""The adder of the sources: what they print comes out, and it learns to add."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import refnet as rn
from refnet.data import binary_addition
from refnet.models import BinaryAdder
from refnet.models.rnn_binary_addition import parameters

PATH = Path(__file__).parents[3] / "parity" / "experiments" / "printed" / "rnn_binary_addition.json"
GOLDEN = json.loads(PATH.read_text("utf-8"))


def sources_run(dtype, updates):
    """Return parameters, loss and accuracy after each update, as the sources print them."""
    model = BinaryAdder()
    model.start((8, 2), rng=np.random.default_rng(0), dtype=dtype)
    model.load_state_dict(parameters(dtype))
    seen = []

    def note(n, x, t):
        assert n == len(seen) + 1
        loss = model.loss(model.predict(x), t)
        seen.append((model.params, loss, model.evaluate(x, t)))

    losses = model.fit_drawn(updates, rng=np.random.RandomState(1), on_update=note)
    assert len(losses) == len(seen) == updates
    return seen


def printed(epoch):
    """Yield what is printed of an epoch beside where it lies in the parameters."""
    for name, values in GOLDEN["printed"][epoch].items():
        key, place = {
            "W": ("rnn.w", slice(None)),
            "W_last_row": ("rnn.w", -1),
            "b": ("rnn.b", slice(None)),
        }.get(name, (None, None))
        if key is not None:
            yield key, place, np.array(values)


def test_initial_parameters():
    p = parameters(np.float32)
    np.testing.assert_array_equal(p["rnn.w"], np.float32(GOLDEN["initial"]["W"]))
    np.testing.assert_array_equal(p["out.w"], np.float32(GOLDEN["initial"]["w_out"]))
    np.testing.assert_array_equal(parameters()["rnn.w"], p["rnn.w"])
    assert not p["rnn.b"].any()
    assert not p["out.b"].any()


def test_float64_prints_what_the_sources_print():
    seen = sources_run(np.float64, 200)
    count = 0
    for epoch in ("132", "133", "134"):
        params, loss, accuracy = seen[int(epoch)]
        for key, place, values in printed(epoch):
            np.testing.assert_array_equal(np.round(params[key][place], 3), values)
            count += values.size
        g = GOLDEN["printed"][epoch]
        if "mean_loss" in g:
            assert (round(float(loss), 2), round(accuracy, 2)) == (g["mean_loss"], g["acc"])
    assert count == 184
    assert seen[-1][2] == 1.0


def test_float32_prints_them_within_its_rounding():
    seen = sources_run(np.float32, 135)
    for epoch in ("132", "133", "134"):
        params = seen[int(epoch)][0]
        for key, place, values in printed(epoch):
            # The last digit printed, and what rounding has grown to by then.
            assert np.abs(params[key][place] - values).max() <= 5e-4 + 1e-4


def test_gradients(rng):
    model = BinaryAdder(hidden=3)
    model.start((4, 2), rng=rng)
    x, t = binary_addition(5, rng=rng, bits=4)
    params = {name: p + 0.3 * rng.standard_normal(p.shape) for name, p in model.params.items()}
    _, grads = model.loss_and_grads(params, x, t)
    assert list(grads) == list(params) == ["rnn.w", "rnn.b", "out.w", "out.b"]
    for name, p in params.items():
        found = rn.central_differences(
            lambda v, name=name: model.loss_and_grads({**params, name: v}, x, t)[0], p, noise=1e-15
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name


def test_the_input_has_a_cotangent(rng):
    layers = BinaryAdder(hidden=3).layers
    params = layers.init((4, 2), rng)
    x, dy = rng.standard_normal((5, 4, 2)), rng.standard_normal((5, 4))
    _, tape = layers.forward(params, x)
    dx, _ = layers.vjp(dy, params, tape)
    found = rn.central_differences(lambda v: (layers(params, v) * dy).sum(), x, noise=1e-15)
    assert (np.abs(dx - found.gradient) <= found.error).all()


def test_one_step_by_hand(rng):
    model = BinaryAdder(hidden=3)
    model.start((1, 2), rng=rng)
    p = model.params
    x = rng.standard_normal((4, 1, 2))
    state = np.tanh(np.concatenate([x[:, 0], np.zeros((4, 3))], axis=1) @ p["rnn.w"] + p["rnn.b"])
    y = 1 / (1 + np.exp(-(state @ p["out.w"] + p["out.b"])))
    np.testing.assert_allclose(model.predict(x), y, rtol=1e-12)


def test_fit_drawn_goes_on_where_it_stopped():
    once, twice = BinaryAdder(), BinaryAdder()
    a = once.fit_drawn(4, rng=np.random.default_rng(5), batch_size=7)
    rng = np.random.default_rng(5)
    b = [v for _ in range(2) for v in twice.fit_drawn(2, rng=rng, batch_size=7)]
    assert a == b
    assert once.state.step == 4
    for name, p in once.params.items():
        np.testing.assert_array_equal(p, twice.params[name])


def test_fit_on_a_fixed_set():
    x, t = binary_addition(60, rng=np.random.default_rng(0), bits=3, dtype=np.float32)
    model = BinaryAdder(init="truncated_normal(std=0.5)")
    losses = model.fit(x, t, epochs=160, rng=np.random.default_rng(1), batch_size=20)
    assert losses[-1] < 0.01 < losses[0]
    assert model.evaluate(x, t) == 1.0
    assert model.add([3, 2], [1, 3], bits=3).tolist() == [4, 5]
    assert model.params["rnn.w"].dtype == np.float32


def test_nan_is_no_right_sum(rng):
    model = BinaryAdder()
    model.start((4, 2), rng=rng)
    model.params["out.b"] = np.full(1, np.nan)
    x, t = np.zeros((3, 4, 2)), np.zeros((3, 4))
    assert model.evaluate(x, t) == 0.0
    with pytest.raises(rn.DomainError, match="NaN"):
        model.add([0], [0], bits=4)


def test_refused(rng):
    model = BinaryAdder()
    with pytest.raises(rn.ArgumentError, match="no parameters"):
        model.add([1], [2])
    with pytest.raises(rn.DtypeError, match="RandomState"):
        model.fit_drawn(1, rng=np.random.RandomState(0))
    for options in ({"updates": -1}, {"updates": 1, "batch_size": 0}, {"updates": 1, "bits": 99}):
        with pytest.raises(rn.OptionError):
            model.fit_drawn(**options, rng=rng)
    assert model.params is None
    with pytest.raises(rn.OptionError, match="BinaryAdder: got hidden=0"):
        BinaryAdder(hidden=0)
    x, t = binary_addition(3, rng=rng)
    model.start((8, 2), rng=rng)
    with pytest.raises(rn.ShapeError, match="different batches"):
        model.evaluate(x, t[:2])
    with pytest.raises(rn.ShapeError, match="as many numbers"):
        model.add([1, 2], [3])
    with pytest.raises(rn.DomainError, match="256"):
        model.add([256], [0])
    with pytest.raises(rn.ShapeError, match=r"\(T, C\)"):
        model.start(3, rng=rng)
