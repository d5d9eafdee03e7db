from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.trace import Recorder, Recording, attach_network
from refnet.models.xor import T, X


def fitted(path, net, epochs=3, **options):
    with Recorder(path) as recorder, attach_network(net, recorder, **options):
        losses = net.fit(X, T, epochs=epochs, batch_size=2, rng=np.random.default_rng(0))
    return Recording(path), losses


def test_fit_is_recorded_and_not_changed(tmp_path):
    net = rn.models.XOR(hidden=4, optimizer="sgd(lr=0.1, momentum=0.9)")
    plain = rn.models.XOR(hidden=4, optimizer="sgd(lr=0.1, momentum=0.9)")
    losses = plain.fit(X, T, epochs=3, batch_size=2, rng=np.random.default_rng(0))
    recording, recorded = fitted(tmp_path / "r", net)
    assert recorded == losses
    assert recording.steps == list(range(7))
    assert [s.info for s in recording][:2] == [{"optimizer": repr(plain.optimizer)}, {}]
    params = recording.at(0).parameters
    state = plain.optimizer.init(params)
    for step in list(recording)[1:]:
        loss, grads = plain.loss_and_grads(params, step.batch["x"], step.batch["t"])
        params, state = plain.optimizer.update(params, grads, state)
        assert step.loss == loss
        assert step.tensors["option/lr/0"] == 0.1
        for found, wanted in (
            (step.gradients, grads),
            (step.slots["momentum_buffer"], state.momentum_buffer),
            (step.parameters, params),
        ):
            assert found.keys() == wanted.keys()
            for name in wanted:
                np.testing.assert_array_equal(found[name], wanted[name])
    np.testing.assert_array_equal(params["fc1.w"], net.params["fc1.w"])


def test_the_network_is_as_it_was_afterwards(tmp_path):
    net = rn.models.XOR(hidden=4)
    optimizer = net.optimizer
    with Recorder(tmp_path / "r") as recorder:
        with attach_network(net, recorder):
            assert repr(net.optimizer) == repr(optimizer)
            assert isinstance(net.optimizer, rn.optimizers.Optimizer)
        assert net.optimizer is optimizer
        assert "loss_and_grads" not in vars(net)
        with pytest.raises(KeyError), attach_network(net, recorder):
            raise KeyError
        assert net.optimizer is optimizer
        assert recorder.last is None


def test_branches(tmp_path):
    recording, _ = fitted(tmp_path / "r", rn.models.XOR(hidden=4), branches=True)
    for step in list(recording)[1:]:
        active = step.branches["relu 0"]
        assert active.shape == (2, 4)
        before = recording.at(step.step - 1).parameters
        z = step.batch["x"] @ before["fc1.w"] + before["fc1.b"]
        np.testing.assert_array_equal(active, z > 0)
    assert "branch/relu 0" not in fitted(tmp_path / "s", rn.models.XOR(hidden=4))[0].names


def test_a_later_fit_is_counted_on(tmp_path):
    net = rn.models.XOR(hidden=4)
    with Recorder(tmp_path / "r") as recorder:
        for _ in range(2):
            with attach_network(net, recorder):
                net.fit(X, T, epochs=2, rng=np.random.default_rng(0))
            net.fit(X, T, epochs=1, rng=np.random.default_rng(0))  # not recorded
    assert Recording(tmp_path / "r").steps == [0, 1, 2, 3, 4]
